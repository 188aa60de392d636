"""Bytes that a receiver does not know: fields of later revisions."""

from __future__ import annotations

UNKNOWN_FIELD = 1900  # far behind what this revision uses


def with_unknown_field(message: bytes, size: int = 8) -> bytes:
    """A serialized message with a field behind it that no revision has."""
    return message + unknown_field(b"\x01" * size)


def unknown_field(content: bytes, number: int = UNKNOWN_FIELD) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
