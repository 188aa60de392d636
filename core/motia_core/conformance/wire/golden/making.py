"""Makes the golden frames from the descriptors: every field of every message, each with a value of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from motia_core._gen.motia.v1 import sidecar_pb2, telemetry_pb2

TOP: tuple[type[Message], ...] = (sidecar_pb2.SidecarFrame, sidecar_pb2.CoreFrame, telemetry_pb2.TelemetryRequest)
DEEPEST = 3  # of a message within itself: Failure.cause
LARGEST = 2**53 - 1  # PAYLOAD-7
Choices = Mapping[str, str]  # full name of a oneof → name of its member; the first one where it has none


def golden_lines() -> Iterator[str]:
    """All golden frames, a JSON text each: what it is called, its message, its bytes (base64) and its content."""
    for kind in TOP:
        for choices in _variants(kind.DESCRIPTOR, ()):
            message = kind()
            _fill(message, choices, count(1), ())
            data = message.SerializeToString(deterministic=True)
            content = json_format.MessageToDict(message, preserving_proto_field_name=True)
            chosen = ".".join(choices.values())
            document = {
                "name": f"{kind.DESCRIPTOR.name}{'.' if chosen else ''}{chosen}",
                "message": kind.DESCRIPTOR.full_name,
                "bytes": base64.b64encode(data).decode(),
                "json": content,
            }
            yield json.dumps(document, ensure_ascii=False)


def _variants(descriptor: Any, around: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Choices with which every member of every oneof occurs once, here and in what is in here."""
    if around.count(descriptor.full_name) >= 1:
        yield {}
        return
    inner = (*around, descriptor.full_name)
    oneofs = list(_oneofs(descriptor))
    if not oneofs:
        found = [each for field in _messages(descriptor) for each in _variants(field.message_type, inner) if each]
        yield from found or [{}]
        return
    for oneof in oneofs:
        for field in oneof.fields:
            choice = {oneof.full_name: field.name}
            below = _variants(field.message_type, inner) if field.message_type is not None else iter([{}])
            for each in below:
                yield {**choice, **each}
    for field in _messages(descriptor):
        if field.containing_oneof is None:
            for each in _variants(field.message_type, inner):
                if each:
                    yield each


def _oneofs(descriptor: Any) -> Iterator[Any]:
    """Those that are no `optional` field."""
    for oneof in descriptor.oneofs:
        if len(oneof.fields) > 1 or not oneof.name.startswith("_"):
            yield oneof


def _messages(descriptor: Any) -> Iterator[Any]:
    return (field for field in descriptor.fields if field.message_type is not None)


def _fill(message: Message, choices: Choices, numbers: Iterator[int], around: tuple[str, ...]) -> None:
    descriptor: Any = message.DESCRIPTOR  # of the pure or the native protobuf
    if around.count(descriptor.full_name) >= DEEPEST:
        return
    inner = (*around, descriptor.full_name)
    chosen = {oneof.name: choices.get(oneof.full_name, oneof.fields[0].name) for oneof in _oneofs(descriptor)}
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if oneof is not None and chosen.get(oneof.name, field.name) != field.name:
            continue
        if field.is_repeated:
            for _ in range(2):
                if field.message_type is not None:
                    _fill(getattr(message, field.name).add(), choices, numbers, inner)
                else:
                    getattr(message, field.name).append(_value(field, next(numbers)))
        elif field.message_type is not None:
            part = getattr(message, field.name)
            part.SetInParent()
            _fill(part, choices, numbers, inner)
        else:
            setattr(message, field.name, _value(field, next(numbers)))


def _value(field: Any, number: int) -> Any:
    if field.enum_type is not None:
        values = [value.number for value in field.enum_type.values if value.number]
        return values[number % len(values)]
    if field.type == FieldDescriptor.TYPE_STRING:
        return f"{field.name} {number} ü"
    if field.type == FieldDescriptor.TYPE_BYTES:
        return json.dumps({field.name: number}).encode() + b"\x00\xff"
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    if field.type in (FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_INT32):
        return -number
    if field.type == FieldDescriptor.TYPE_UINT64:
        return LARGEST - number
    return 2**32 - number  # uint32
