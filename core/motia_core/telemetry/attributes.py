"""Attributes of OpenTelemetry."""

from __future__ import annotations

import json
from collections.abc import Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

LARGEST = 2**63 - 1


def attributes(facts: Mapping[str, object]) -> list[KeyValue]:
    """Attributes by name; what is None is left out."""
    return [KeyValue(key=key, value=any_value(value)) for key, value in facts.items() if value is not None]


def any_value(value: object) -> AnyValue:
    """A value of JSON, in OpenTelemetry's way."""
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int) and -LARGEST <= value <= LARGEST:
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, Mapping):
        return AnyValue(kvlist_value=KeyValueList(values=attributes({str(key): each for key, each in value.items()})))
    if isinstance(value, (list, tuple)):
        return AnyValue(array_value=ArrayValue(values=map(any_value, value)))
    return AnyValue(string_value=json.dumps(value, default=str))
