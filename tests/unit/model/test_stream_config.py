"""The config of a stream: what it says, and what is said about one that is wrong."""

from __future__ import annotations

import pytest

from motia_core.model.config import Finding
from motia_core.model.project import LoadedStream, SourceFile
from motia_core.model.stream import Stream, StreamHookKind
from motia_core.model.stream_config import read_stream

FILE = SourceFile("steps/chat.stream.ts", "stream", "typescript", "node")
WHOLE: dict[str, object] = {
    "name": "chat",
    "schema": {"type": "object"},
    "ttl": "1h",
    "maxItems": 5,
    "presence": True,
    "messages": {"topic": "chat.said", "schema": {"type": "object", "required": ["text"]}},
}


def read(config: dict[str, object], *hooks: StreamHookKind) -> tuple[Stream | None, list[Finding]]:
    return read_stream(FILE, LoadedStream(FILE.path, config, frozenset(hooks)))


def fine(config: dict[str, object], *hooks: StreamHookKind) -> Stream:
    stream, findings = read(config, *hooks)
    assert findings == []
    assert stream is not None
    return stream


def test_every_key_is_read() -> None:
    stream = fine(WHOLE, StreamHookKind.CAN_SEND)
    assert (stream.name, stream.path, stream.ttl_ms, stream.max_items) == ("chat", FILE.path, 3_600_000, 5)
    assert stream.has_presence
    assert stream.messages is not None
    assert stream.messages.topic == "chat.said"
    assert stream.messages.schema is not None
    assert stream.hooks == {StreamHookKind.CAN_SEND}


def test_nothing_but_a_schema_is_needed() -> None:
    stream = fine({"schema": {"type": "object"}})
    assert (stream.name, stream.ttl_ms, stream.max_items, stream.has_presence) == ("chat", 0, 0, False)
    assert stream.messages is None


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"ttl": "soon"}, "ttl"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": "400d"}, "ttl"),
        ({"maxItems": 0}, "maxItems"),
        ({"maxItems": 2.5}, "maxItems"),
        ({"maxItems": "many"}, "maxItems"),
        ({"presence": "yes"}, "presence"),
        ({"messages": "chat.said"}, "messages"),
        ({"messages": {}}, "topic"),
        ({"messages": {"topic": 7}}, "topic"),
        ({"messages": {"topic": "chat.said", "schema": {"type": "objekt"}}}, "schema"),
        ({"schema": {"type": "objekt"}}, "schema"),
        ({"name": 7}, "name"),
        ({"tll": "1h"}, "ttl"),
        ({"messages": {"topic": "t", "scheme": {}}}, "schema"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(changed: dict[str, object], what: str) -> None:
    _, findings = read({**WHOLE, **changed})
    assert findings, "nothing was found"
    assert any(what in f"{finding.cause} {finding.remedy}" for finding in findings), findings
    assert all(finding.cause for finding in findings)


def test_a_guard_of_messages_without_messages_is_a_warning() -> None:
    config = {key: value for key, value in WHOLE.items() if key != "messages"}
    stream, [finding] = read(config, StreamHookKind.CAN_SEND)
    assert stream is not None
    assert "canSend is never asked" in finding.cause


def test_another_storage_is_a_warning() -> None:
    stream, [finding] = read({**WHOLE, "baseConfig": {"storageType": "custom"}})
    assert stream is not None
    assert "storageType" in finding.cause
