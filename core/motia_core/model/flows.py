"""The steps of a project as graphs: one for each flow, in the shape that 0.x gave its workbench (contract 10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from motia_core.model.step import EmitTarget, Step, StepType

DEFAULT = "default"  # the flow of steps that name none
Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps that are shown together."""

    id: str
    steps: tuple[Step, ...]


def flows_of(steps: Iterable[Step]) -> list[Flow]:
    """All flows, by name; steps without a flow come last."""
    by_name: dict[str, list[Step]] = {}
    for step in steps:
        for name in step.flows or (DEFAULT,):
            by_name.setdefault(name, []).append(step)
    names = sorted(by_name, key=lambda name: (name == DEFAULT, name))
    return [Flow(name, tuple(by_name[name])) for name in names]


def describe_flow(flow: Flow, config: Mapping[str, object], components: Mapping[str, str] | None = None) -> Facts:
    """A flow with its nodes and edges.

    Args:
        config: Where its nodes stand: `motia-workbench.json`.
        components: The files that draw nodes, by the files of their steps.
    """
    return {
        "id": flow.id,
        "name": flow.id,
        "steps": [_node(step, (components or {}).get(step.path, "")) for step in flow.steps],
        "edges": _edges(flow.steps),
        "config": config,
    }


def mermaid(flow: Flow) -> str:
    """A flow as a Mermaid flowchart."""
    numbers = {step.id: f"s{number}" for number, step in enumerate(flow.steps)}
    lines = ["flowchart LR"]
    for step in flow.steps:
        what = {
            StepType.API: f"{step.method} {step.route}",
            StepType.CRON: step.cron,
            StepType.EVENT: step.watches.what if step.watches else "",
        }.get(step.type, "")
        text = f"{step.name}<br/>{what}" if what else step.name
        opening, closing = _SHAPES[step.type]
        lines.append(f'  {numbers[step.id]}{opening}"{_quoted(text)}"{closing}:::{step.type.value}')
    for source, target, emitted, is_virtual in _connections(flow.steps):
        label = emitted.label or emitted.topic
        arrow = "-.->" if is_virtual or emitted.conditional else "-->"
        lines.append(f'  {numbers[source.id]} {arrow}|"{_quoted(label)}"| {numbers[target.id]}')
    lines += [f"  classDef {name} {style}" for name, style in _STYLES.items()]
    return "\n".join(lines) + "\n"


_SHAPES = {
    StepType.API: ("[", "]"),
    StepType.EVENT: ("(", ")"),
    StepType.CRON: ("([", "])"),
    StepType.NOOP: ("[/", "/]"),
}
_STYLES = {
    "api": "fill:#e8f5e9,stroke:#2e7d32,color:#1b1b1b",
    "event": "fill:#e3f2fd,stroke:#1565c0,color:#1b1b1b",
    "cron": "fill:#fff3e0,stroke:#e65100,color:#1b1b1b",
    "noop": "fill:#f5f5f5,stroke:#757575,color:#1b1b1b",
}


def _quoted(text: str) -> str:
    return text.replace("#", "#35;").replace('"', "#quot;")


def _connections(steps: tuple[Step, ...]) -> Iterable[tuple[Step, Step, EmitTarget, bool]]:
    """Who leads to whom: source, target, what is emitted, and whether only the drawing says so."""
    for source in steps:
        for targets, is_virtual in ((source.emits, False), (source.virtual_emits, True)):
            for emitted in targets:
                for target in steps:
                    if emitted.topic in target.subscribes:
                        yield source, target, emitted, is_virtual
                    elif emitted.topic in target.virtual_subscribes:
                        yield source, target, emitted, True


def _edges(steps: tuple[Step, ...]) -> list[Facts]:
    edges: list[Facts] = []
    for source, target, emitted, is_virtual in _connections(steps):
        data: Facts = {"variant": "virtual" if is_virtual else "event", "topic": emitted.topic}
        if emitted.label:
            data["label"] = emitted.label
        if emitted.conditional:
            data["labelVariant"] = "conditional"
        edge_id = f"{source.id}-{target.id}-{emitted.topic}"
        edges.append({"id": edge_id, "source": source.id, "target": target.id, "data": data})
    return edges


def _node(step: Step, component: str) -> Facts:
    subscribes = step.virtual_subscribes if step.type is StepType.API else step.subscribes
    node: Facts = {
        "id": step.id,
        "name": step.name,
        "type": step.type.value,
        "description": step.description,
        "language": step.language,
        "filePath": step.reference,  # positions are kept by it
        "subscribes": subscribes,
        "emits": [target.topic for target in step.emits],
        "virtualEmits": [target.topic for target in step.virtual_emits],
        "virtualSubscribes": step.virtual_subscribes,
    }
    if step.type is StepType.API:
        node |= {"action": "webhook", "webhookUrl": f"{step.method} {step.route}"}
    elif step.type is StepType.CRON:
        node["cronExpression"] = step.cron
    elif step.watches is not None:
        node["watches"] = step.watches.what
    if component:
        node["nodeComponentPath"] = component
    return node
