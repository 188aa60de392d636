"""What the project is: its flows, where their nodes stand, its endpoints, its streams."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import cast

from motia_core.engine.internal_room import Item
from motia_core.engine.live import Batch
from motia_core.model.flows import Flow, describe_flow, flows_of
from motia_core.model.project import Project
from motia_core.model.step import Step, StepType
from motia_core.workbench.describe import Facts, text_of_json
from motia_core.workbench.positions import read_positions
from motia_core.workbench.step_ids import step_uuid

GROUP = "default"


class _ProjectView(ABC):
    """Implements `View` with a list that changes with the project."""

    is_window = False
    causes = frozenset({"project"})  # what, when it has changed, is a reason to look again

    def __init__(self, root: Path, project: Callable[[], Project]) -> None:
        self._root = root
        self._project = project

    async def items(self, group: str) -> Sequence[Item]:
        """See `View`."""
        if group != GROUP:
            return []
        return [(str(facts["id"]), text_of_json(facts)) for facts in await self.describe()]

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """See `View`."""
        return [] if self.causes.isdisjoint(batch.changed) else None

    @abstractmethod
    async def describe(self) -> Iterable[Facts]:
        """What there is."""


class Flows(_ProjectView):
    """The graph of each flow."""

    async def describe(self) -> Iterable[Facts]:
        """See above."""
        return [_flow(flow, self._root) for flow in flows_of(self._project().steps)]


class FlowsConfig(_ProjectView):
    """Where nodes stand: the entries of motia-workbench.json."""

    causes = frozenset({"project", "flows"})

    async def describe(self) -> Iterable[Facts]:
        """See above."""
        positions = await asyncio.to_thread(read_positions, self._root)
        return [{"id": name, "config": config} for name, config in positions.items()]


class ApiEndpoints(_ProjectView):
    """The api steps."""

    async def describe(self) -> Iterable[Facts]:
        """See above."""
        return [self._endpoint(step) for step in self._project().steps if step.type is StepType.API]

    def _endpoint(self, step: Step) -> Facts:
        return {
            "id": str(self._root / step.reference),
            "method": step.method,
            "path": step.route,
            "description": step.description,
            "flows": step.flows,
            **{name: step.config.get(name) for name in ("queryParams", "responseSchema", "bodySchema")},
        }


class StreamsRegistry(_ProjectView):
    """The streams of the project."""

    async def describe(self) -> Iterable[Facts]:
        """See above."""
        streams = self._project().streams
        return [{"id": one.name, "name": one.name, "hidden": False, "filePath": one.path} for one in streams]


def _flow(flow: Flow, root: Path) -> Facts:
    """With the ids that 0.x gave to steps, under which `GET /__motia/step/…` finds them."""
    described = describe_flow(flow, {})
    ids = {step.id: step_uuid(root, step) for step in flow.steps}
    schemas = {step.id: step.config["bodySchema"] for step in flow.steps if step.config.get("bodySchema")}
    steps = []
    for node in cast(list[Facts], described["steps"]):
        step_id = str(node["id"])
        schema = {"bodySchema": schemas[step_id]} if step_id in schemas else {}
        steps.append({**node, **schema, "id": ids[step_id]})
    edges = []
    for edge in cast(list[Facts], described["edges"]):
        source, target = ids[str(edge["source"])], ids[str(edge["target"])]
        data = {"labelVariant": "default", **cast(Facts, edge["data"])}
        edges.append({"id": f"{source}-{target}", "source": source, "target": target, "data": data})
    return {"id": flow.id, "name": flow.id, "steps": steps, "edges": edges}
