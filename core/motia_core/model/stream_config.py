"""From a stream's config to a Stream."""

from __future__ import annotations

import re

from motia_core.model.config import Config, Finding
from motia_core.model.duration import UNITS_MS
from motia_core.model.project import LoadedStream, SourceFile
from motia_core.model.schema_config import read_schema
from motia_core.model.stream import Messages, Stream, StreamHookKind

KEYS = frozenset({"name", "description", "schema", "baseConfig", "ttl", "maxItems", "presence", "messages"})
# Functions are not in what a sidecar reports of a config; they are here for those that it does report, such as null.
HOOK_KEYS = frozenset({"canAccess", "canSend", "onJoin", "onLeave"})
MOST_ITEMS = 1_000_000
LONGEST_TTL_MS = 365 * UNITS_MS["d"]
STREAM_SUFFIX = re.compile(r"[._]stream\.\w+$")


def read_stream(file: SourceFile, loaded: LoadedStream) -> tuple[Stream | None, list[Finding]]:
    """The stream of a file, or None when there is an error among the findings."""
    config = Config(loaded.config, [])
    name = config.text("name", "name: 'messages'") or STREAM_SUFFIX.sub("", file.path.rpartition("/")[2])
    _check_storage(config.section("baseConfig"))
    stream = Stream(
        name,
        file.path,
        file.language,
        file.group,
        schema=read_schema(config, "schema"),
        ttl_ms=config.duration("ttl", 1, LONGEST_TTL_MS) or 0,
        max_items=round(config.number("maxItems", 1, MOST_ITEMS, whole=True) or 0),
        has_presence=config.flag("presence"),
        messages=_read_messages(config, loaded),
        hooks=loaded.hooks,
        config=loaded.config,
    )
    config.known(KEYS, HOOK_KEYS)
    return (stream if config.is_usable else None), config.findings


def _read_messages(config: Config, loaded: LoadedStream) -> Messages | None:
    if not config.has("messages"):
        if StreamHookKind.CAN_SEND in loaded.hooks:
            config.warn("canSend is never asked: the stream takes no messages", "add messages: {topic: 'chat.said'}")
        return None
    section = config.section("messages")
    topic = section.text("topic", "topic: 'chat.said'")
    if not section.has("topic"):
        section.missing("topic", "messages of clients are events of it", "topic: 'chat.said'")
    section.known(("topic", "schema"))
    return Messages(topic, read_schema(section, "schema"))


def _check_storage(base: Config) -> None:
    kind = base.text("storageType", "storageType: 'default'") or "default"
    if kind != "default":
        base.warn(
            f"config.baseConfig.storageType {kind!r} is not supported: the core's own store is used",
            "write storageType: 'default'",
        )
