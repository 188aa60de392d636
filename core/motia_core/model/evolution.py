"""What a project promises outside and to events on disk, as a value that can be kept; and which changes break that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from motia_core.model.compat import Disagreement, refusals
from motia_core.model.project import Project
from motia_core.model.schema_flat import mapping, sequence
from motia_core.model.step import Step, StepType
from motia_core.model.topics import is_schema

FORMAT = 1  # of what is kept
REQUESTS = {
    "bodySchema": "request body",
    "pathSchema": "path parameters",
    "querySchema": "query",
    "headersSchema": "headers",
}

_PARAM = re.compile(r":\w+")  # clients do not see the names of path parameters

Contracts = Mapping[str, object]  # JSON-able: {"format", "routes", "events", "streams"}


class Breaks(StrEnum):
    """Who suffers from a change."""

    CLIENTS = "clients"  # of routes and streams
    EVENTS = "queued events"  # emitted before the change, and not handled yet
    ITEMS = "stored items"  # of streams


@dataclass(frozen=True, slots=True)
class Change:
    """A change that breaks something."""

    breaks: Breaks
    what: str  # one line: the place and what is different
    file: str  # where it is now, or where it was
    step: str = ""  # or stream


def contracts_of(project: Project) -> Contracts:
    """The contracts of a project: routes by method and path, event steps by id, streams by name."""
    return {
        "format": FORMAT,
        "routes": {f"{step.method} {step.route}": _route(step) for step in _of(project, StepType.API)},
        "events": {step.id: _event(step) for step in _of(project, StepType.EVENT)},
        "streams": {
            stream.name: {"file": stream.path, "schema": stream.config.get("schema")} for stream in project.streams
        },
    }


def breaking_changes(before: Contracts, now: Contracts) -> list[Change]:
    """The changes that break clients, queued events or stored items; only what is certain."""
    return [*_routes(before, now), *_events(before, now), *_streams(before, now)]


def _of(project: Project, kind: StepType) -> list[Step]:
    return [step for step in project.steps if step.type is kind]


def _route(step: Step) -> Mapping[str, object]:
    requests = {key: schema for key in REQUESTS if is_schema(schema := step.config.get(key))}
    responses = mapping(step.config.get("responseSchema"))
    return {
        "step": step.name,
        "file": step.path,
        **requests,
        "responseSchema": {str(status): schema for status, schema in responses.items()},
    }


def _event(step: Step) -> Mapping[str, object]:
    return {"file": step.path, "subscribes": list(step.subscribes), "input": step.config.get("input")}


def _section(contracts: Contracts, name: str) -> Mapping[str, Mapping[str, object]]:
    return {key: mapping(value) for key, value in mapping(contracts.get(name)).items()}


def _routes(before: Contracts, now: Contracts) -> Iterator[Change]:
    routes = {_PARAM.sub(":", route): new for route, new in _section(now, "routes").items()}
    for route, old in _section(before, "routes").items():
        new = routes.get(_PARAM.sub(":", route))
        if new is None:
            yield Change(Breaks.CLIENTS, f"{route} is gone", str(old.get("file")), str(old.get("step")))
            continue
        file, step = str(new.get("file")), str(new.get("step"))
        for key, what in REQUESTS.items():
            for difference in _tightened(old.get(key), new.get(key), "data" if key == "bodySchema" else "request"):
                yield Change(Breaks.CLIENTS, f"{what} of {route}: {difference}", file, step)
        responses = mapping(new.get("responseSchema"))
        for status, schema in mapping(old.get("responseSchema")).items():
            if status in responses:
                for one in refusals(responses[status], schema):
                    yield Change(Breaks.CLIENTS, f"response {status} of {route}: {_past(one)}", file, step)


def _events(before: Contracts, now: Contracts) -> Iterator[Change]:
    events = _section(now, "events")
    heard = {topic for event in events.values() for topic in sequence(event.get("subscribes"))}
    for name, old in _section(before, "events").items():
        new = events.get(name)
        file = str(old.get("file") if new is None else new.get("file"))
        if new is None:
            yield Change(Breaks.EVENTS, "the step is gone: nobody handles the events that wait for it", file, name)
        for topic in sequence(old.get("subscribes")):
            if topic not in heard:
                yield Change(Breaks.EVENTS, f"topic '{topic}' has no subscriber any more", file, name)
        if new is not None:
            for difference in _tightened(old.get("input"), new.get("input"), "event"):
                yield Change(Breaks.EVENTS, f"input: {difference}", file, name)


def _streams(before: Contracts, now: Contracts) -> Iterator[Change]:
    streams = _section(now, "streams")
    for name, old in _section(before, "streams").items():
        new = streams.get(name)
        if new is None:
            yield Change(Breaks.CLIENTS, "the stream is gone", str(old.get("file")), name)
            continue
        file = str(new.get("file"))
        for one in refusals(new.get("schema"), old.get("schema")):
            yield Change(Breaks.CLIENTS, f"items: {_past(one)}", file, name)
        for difference in _tightened(old.get("schema"), new.get("schema"), "item"):
            yield Change(Breaks.ITEMS, f"items: {difference}", file, name)


def _tightened(before: object, now: object, what: str) -> Sequence[str]:
    """What was accepted and is not any more."""
    if is_schema(before) or not is_schema(now):
        return [f"{one} now" for one in refusals(before, now)]
    required = mapping(now).get("required")
    return [f"any {what} was accepted, and now there is a schema"] if sequence(required) or now is False else []


def _past(one: Disagreement) -> str:
    """A disagreement of what is given now with what was promised before."""
    now = str(one).replace("accepted is ", "accepted was ").replace("is required", "was always there")
    return now.replace("is not accepted (additionalProperties: false)", "was never there (additionalProperties: false)")
