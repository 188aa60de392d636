"""Steps that disagree about the data of a topic: said when the project is loaded, with both files and the path."""

from __future__ import annotations

from typing import Any

from motia_core.model.project import Problem
from tests.fakes.projects import a_project

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def emitter(schema: Any, name: str = "Emitter") -> dict[str, Any]:
    emits = [{"topic": "order.created", "schema": schema}]
    return {"type": "api", "name": name, "path": f"/{name}", "method": "GET", "emits": emits}


def subscriber(input: Any, name: str = "Subscriber") -> dict[str, Any]:
    return {"type": "event", "name": name, "subscribes": ["order.created"], "emits": [], "input": input}


def problems(**configs: dict[str, Any]) -> tuple[Problem, ...]:
    return a_project({f"steps/{name}_step.py": config for name, config in configs.items()}).problems


def test_an_emit_that_lacks_what_a_subscriber_requires_is_a_warning_with_both_files_and_the_path() -> None:
    (problem,) = problems(a=emitter(record("id", id=TEXT)), b=subscriber(record("id", "total", id=TEXT, total=WHOLE)))
    assert (problem.severity, problem.file, problem.step, problem.phase) == (
        "warning", "steps/a_step.py", "Emitter", "rules",
    )  # fmt: skip
    assert "'order.created'" in problem.cause
    assert "'Subscriber' (steps/b_step.py)" in problem.cause
    assert "/total: is missing, and is required" in problem.cause
    assert "steps/b_step.py" in problem.remedy


def test_every_subscriber_is_compared() -> None:
    found = problems(
        a=emitter(record("id", id=TEXT)),
        b=subscriber(record("id", id=TEXT), "B"),
        c=subscriber(record("at", at=TEXT), "C"),
        d=subscriber(record(id=WHOLE), "D"),
    )
    by_emitter = [problem.cause for problem in found if problem.file == "steps/a_step.py"]
    assert ["C" if "'C'" in cause else "D" if "'D'" in cause else cause for cause in by_emitter] == ["C", "D"]


def test_emits_without_schema_and_subscribers_without_input_promise_nothing() -> None:
    plain = {"type": "api", "name": "P", "path": "/p", "method": "GET", "emits": ["order.created"]}
    assert problems(a=plain, b=subscriber(record("id", id=TEXT)), c=emitter(WHOLE), d=subscriber({}, "D")) == (
        *problems(a=plain, b=subscriber(record("id", id=TEXT)), c=emitter(WHOLE)),
    )
    assert problems(a=plain, b=subscriber(record("id", id=TEXT))) == ()
    assert problems(c=emitter(WHOLE), d=subscriber(None)) == ()


def test_subscribers_that_no_event_can_suit_are_a_warning_at_the_second() -> None:
    (problem,) = problems(a=subscriber(record("id", id=TEXT), "A"), b=subscriber(record("id", id=WHOLE), "B"))
    assert (problem.severity, problem.file, problem.step) == ("warning", "steps/b_step.py", "B")
    assert "'A' (steps/a_step.py)" in problem.cause
    assert "/id: integer here, string there" in problem.cause


def test_subscribers_that_need_different_members_can_be_suited() -> None:
    assert problems(a=subscriber(record("id", id=TEXT), "A"), b=subscriber(record("at", at=TEXT), "B")) == ()


def test_many_disagreements_are_counted() -> None:
    wanted = {f"p{number}": TEXT for number in range(6)}
    (problem,) = problems(a=emitter(record()), b=subscriber(record(*wanted, **wanted)))
    assert problem.cause.endswith("and 3 more")


def test_a_schema_of_an_emit_that_is_none_is_ignored_with_a_warning() -> None:
    (problem,) = problems(a=emitter("text"), b=subscriber(record("id", id=TEXT)))
    assert "config.emits[0].schema is not a schema and ignored" in problem.cause
