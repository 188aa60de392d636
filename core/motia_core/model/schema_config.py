"""The schemas of a config. What is none is not enforced, and the author is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from motia_core.model.config import Config
from motia_core.model.schema import Parameters, Schema, SchemaError
from motia_core.model.step import RequestSchemas

STATUS = re.compile(r"[1-5](\d\d|XX)|DEFAULT")


def read_schema(config: Config, key: str) -> Schema | None:
    """The schema under a key, compiled; None without a usable one."""
    source = config.value(key)
    if source is None:
        return None
    if not isinstance(source, (Mapping, bool)):
        config.warn(f"{config.place}.{key} is not a schema and ignored", "write a zod, Pydantic or JSON schema")
        return None
    try:
        return Schema(source)
    except SchemaError as error:
        _invalid(config, key, error)
        return None


def read_request_schemas(config: Config) -> RequestSchemas | None:
    """What a request may say beside its body; None when the step does not care."""
    query, path = _parameters(config, "querySchema"), _parameters(config, "pathSchema")
    headers = _parameters(config, "headersSchema", any_case=True)
    return RequestSchemas(query, path, headers) if query or path or headers else None


def _parameters(config: Config, key: str, *, any_case: bool = False) -> Parameters | None:
    source = config.value(key)
    if source is None:
        return None
    if not isinstance(source, Mapping):
        config.warn(f"{config.place}.{key} is not a schema of an object and ignored", "write z.object({…})")
        return None
    try:
        return Parameters(source, any_case=any_case)
    except SchemaError as error:
        _invalid(config, key, error)
        return None


def read_responses(config: Config) -> dict[str, Schema]:
    """The schemas of response bodies by status, "2XX" and "DEFAULT" among them."""
    if not config.has("responseSchema"):
        return {}
    if not isinstance(config.value("responseSchema"), Mapping):
        config.warn("config.responseSchema is not an object of schemas by status and ignored", "write {200: schema}")
        return {}
    section = config.section("responseSchema")
    schemas = {}
    for status in section.keys():  # noqa: SIM118 - not a dict
        name = status.upper()
        if not STATUS.fullmatch(name):
            section.warn(
                f"{section.place} has a schema for {status!r}, which is no status", "write 200, '2XX' or 'default'"
            )
        elif (schema := read_schema(section, status)) is not None:
            schemas[name] = schema
    return schemas


def _invalid(config: Config, key: str, error: SchemaError) -> None:
    cause = f"{config.place}.{key} is not a valid JSON Schema and not enforced: {error}"
    config.warn(cause, "correct the schema")
