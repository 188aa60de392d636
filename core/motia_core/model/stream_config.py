"""From a stream's config to a Stream."""

from __future__ import annotations

import re

from motia_core.model.config import Config, Finding
from motia_core.model.project import LoadedStream, SourceFile
from motia_core.model.schema_config import read_schema
from motia_core.model.stream import Stream

KEYS = frozenset({"name", "schema", "baseConfig", "canAccess"})
STREAM_SUFFIX = re.compile(r"[._]stream\.\w+$")


def read_stream(file: SourceFile, loaded: LoadedStream) -> tuple[Stream | None, list[Finding]]:
    """The stream of a file, or None when there is an error among the findings."""
    config = Config(loaded.config, [])
    name = config.text("name", "name: 'messages'") or STREAM_SUFFIX.sub("", file.path.rpartition("/")[2])
    schema = read_schema(config, "schema")
    _check_storage(config.section("baseConfig"))
    config.known(KEYS)
    stream = Stream(name, file.path, file.language, file.group, schema, config=loaded.config)
    return (stream if config.is_usable else None), config.findings


def _check_storage(base: Config) -> None:
    kind = base.text("storageType", "storageType: 'default'") or "default"
    if kind != "default":
        base.warn(
            f"config.baseConfig.storageType {kind!r} is not supported: the core's own store is used",
            "write storageType: 'default'",
        )
