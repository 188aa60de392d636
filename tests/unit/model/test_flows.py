"""Steps as graphs."""

from __future__ import annotations

from motia_core.model.flows import describe_flow, flows_of, mermaid
from motia_core.model.step import EmitTarget, Step, StepType

API = Step(
    "Book", "Book", "steps/book.step.ts", StepType.API, "typescript", "node", method="POST", route="/a",
    flows=("b", "a"), emits=(EmitTarget("made"), EmitTarget("odd", 'say "no"', True)),
    virtual_emits=(EmitTarget("letter"),),
)  # fmt: skip
EVENT = Step(
    "Confirm",
    "Confirm",
    "steps/c_step.py",
    StepType.EVENT,
    "python",
    "python",
    subscribes=("made", "odd"),
    flows=("a",),
)
NOOP = Step(
    "Letter", "Letter", "steps/l.step.ts", StepType.NOOP, "typescript", "", virtual_subscribes=("letter",), flows=("a",)
)
ALONE = Step("Alone", "Alone", "steps/x_step.py", StepType.CRON, "python", "python", cron="* * * * *")


def test_steps_are_in_each_of_their_flows_and_those_without_come_last() -> None:
    flows = flows_of([ALONE, API, EVENT, NOOP])
    assert [(flow.id, [step.id for step in flow.steps]) for flow in flows] == [
        ("a", ["Book", "Confirm", "Letter"]),
        ("b", ["Book"]),
        ("default", ["Alone"]),
    ]


def test_a_flow_is_described_as_0x_did() -> None:
    flow = describe_flow(flows_of([API, EVENT, NOOP])[0], {"steps/book.step.ts": {"x": 1, "y": 2}})
    assert flow["edges"] == [
        {
            "id": "Book-Confirm-made",
            "source": "Book",
            "target": "Confirm",
            "data": {"variant": "event", "topic": "made"},
        },
        {
            "id": "Book-Confirm-odd",
            "source": "Book",
            "target": "Confirm",
            "data": {"variant": "event", "topic": "odd", "label": 'say "no"', "labelVariant": "conditional"},
        },
        {
            "id": "Book-Letter-letter",
            "source": "Book",
            "target": "Letter",
            "data": {"variant": "virtual", "topic": "letter"},
        },
    ]
    steps = flow["steps"]
    assert isinstance(steps, list)
    assert steps[0]["webhookUrl"] == "POST /a"
    assert flow["config"] == {"steps/book.step.ts": {"x": 1, "y": 2}}


def test_a_flow_is_a_mermaid_flowchart_whatever_its_names_are() -> None:
    lines = mermaid(flows_of([API, EVENT, NOOP])[0]).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  s0["Book<br/>POST /a"]:::api' in lines
    assert '  s0 -->|"made"| s1' in lines
    assert '  s0 -.->|"say #quot;no#quot;"| s1' in lines
    assert '  s0 -.->|"letter"| s2' in lines
