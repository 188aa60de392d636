"""The project that is being served, indexed for the hot path. Replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from motia_core.engine.router import Router
from motia_core.model.project import Project
from motia_core.model.step import Step, StepType
from motia_core.model.stream import Stream


class Catalog:
    """What hot paths look up. All attributes belong to one project: take what you need without awaiting between."""

    def __init__(self) -> None:
        self.project = Project()
        self.router = Router.build(())
        self.steps: Mapping[str, Step] = {}
        self.streams: Mapping[str, Stream] = {}
        self.state_watchers: tuple[Step, ...] = ()
        self.stream_watchers: Mapping[str, tuple[Step, ...]] = {}  # by stream
        self._subscribers: Mapping[str, tuple[Step, ...]] = {}

    def swap(self, project: Project) -> None:
        """Serve another project from now on. What runs keeps the steps it was started with."""
        subscribers: dict[str, tuple[Step, ...]] = {}
        for step in project.steps:
            if step.type is StepType.EVENT:
                for topic in dict.fromkeys(step.subscribes):
                    subscribers[topic] = (*subscribers.get(topic, ()), step)
        watchers: dict[str, tuple[Step, ...]] = {}
        for step in project.steps:
            if step.watches is not None:
                watchers[step.watches.stream] = (*watchers.get(step.watches.stream, ()), step)
        self.state_watchers = watchers.pop("", ())
        self.stream_watchers = watchers
        router = Router.build(tuple(s for s in project.steps if s.type is StepType.API))
        self.project, self.router, self._subscribers = project, router, subscribers
        self.steps = {step.id: step for step in project.steps}
        self.streams = {stream.name: stream for stream in project.streams}

    def subscribers(self, topic: str) -> tuple[Step, ...]:
        """The event steps of a topic, in registration order."""
        return self._subscribers.get(topic, ())
