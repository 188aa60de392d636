"""Changes between two versions of a project: which of them break clients, queued events or stored items."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motia_core.model.evolution import breaking_changes, contracts_of
from tests.fakes.projects import a_project

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


ROUTE: dict[str, Any] = {
    "type": "api",
    "name": "Create",
    "path": "/orders/:id",
    "method": "POST",
    "emits": [],
    "bodySchema": record("a", a=TEXT),
    "responseSchema": {"200": record("id", id=TEXT), "404": record("why", why=TEXT)},
}
EVENT: dict[str, Any] = {
    "type": "event",
    "name": "Work",
    "subscribes": ["t"],
    "emits": [],
    "input": record("a", a=TEXT),
}
STREAM: dict[str, Any] = {"name": "board", "schema": record("a", a=TEXT), "baseConfig": {"storageType": "default"}}
BEFORE = {"steps/create_step.py": ROUTE, "steps/work_step.py": EVENT, "steps/board_stream.py": STREAM}


def changes(**now: dict[str, Any] | None) -> list[str]:
    """What breaks when the files of these names are changed so; None: removed."""
    after = {}
    for path, config in BEFORE.items():
        name = path.removeprefix("steps/").partition("_")[0]
        changed = {**config, **(now.get(name) or {})}
        if name not in now or now[name] is not None:
            after[path] = changed
    before = json.loads(json.dumps(contracts_of(a_project(BEFORE))))  # as it was kept in a file
    found = breaking_changes(before, contracts_of(a_project(after)))
    assert all(change.file.startswith("steps/") for change in found)
    return [f"{change.breaks}: {change.what}" for change in found]


def test_nothing_breaks_when_nothing_changes() -> None:
    assert changes() == []


@pytest.mark.parametrize(
    "now",
    [
        {"create": {"bodySchema": record(a=TEXT)}},
        {"create": {"bodySchema": None}},
        {"create": {"bodySchema": record("a", a=TEXT, b=WHOLE)}},
        {"create": {"responseSchema": {"200": record("id", "more", id=TEXT, more=TEXT)}}},
        {"create": {"responseSchema": {**ROUTE["responseSchema"], "500": {}}}},
        {"create": {"path": "/orders/:order", "name": "Other"}},
        {"work": {"input": record(a=TEXT)}},
        {"work": {"input": None}},
        {"work": {"subscribes": ["t", "u"]}},
        {"create": {"bodySchema": record("a", a=TEXT), "querySchema": record(q=TEXT)}},
    ],
    ids=str,
)
def test_what_takes_more_and_gives_the_same_breaks_nothing(now: dict[str, Any]) -> None:
    assert changes(**now) == []


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({"create": None}, ["clients: POST /orders/:id is gone"]),
        ({"create": {"method": "PUT"}}, ["clients: POST /orders/:id is gone"]),
        (
            {"create": {"bodySchema": record("a", a=WHOLE)}},
            ["clients: request body of POST /orders/:id: /a: may be string, accepted is integer now"],
        ),
        (
            {"create": {"querySchema": record("q", q=TEXT)}},
            ["clients: query of POST /orders/:id: any request was accepted, and now there is a schema"],
        ),
        (
            {"create": {"responseSchema": {"200": record(id=TEXT)}}},
            ["clients: response 200 of POST /orders/:id: /id: may be missing, and was always there"],
        ),
        (
            {"create": {"responseSchema": {"200": record("id", id={"type": ["string", "null"]})}}},
            ["clients: response 200 of POST /orders/:id: /id: may be null, accepted was string"],
        ),
        (
            {"work": None},
            [
                "queued events: the step is gone: nobody handles the events that wait for it",
                "queued events: topic 't' has no subscriber any more",
            ],
        ),
        ({"work": {"subscribes": ["u"]}}, ["queued events: topic 't' has no subscriber any more"]),
        (
            {"work": {"input": record("a", "b", a=TEXT, b=TEXT)}},
            ["queued events: input: /b: is missing, and is required now"],
        ),
        ({"board": None}, ["clients: the stream is gone"]),
        (
            {"board": {"schema": record("a", "b", a=TEXT, b=TEXT)}},
            ["stored items: items: /b: is missing, and is required now"],
        ),
        (
            {"board": {"schema": record(a=TEXT)}},
            ["clients: items: /a: may be missing, and was always there"],
        ),
    ],
    ids=str,
)
def test_what_breaks_is_said_with_who_suffers(now: dict[str, Any], found: list[str]) -> None:
    assert changes(**now) == found
