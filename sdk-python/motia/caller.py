"""One attempt's way to make context calls: values in, Call frames out."""

from __future__ import annotations

import asyncio
from typing import Any

from motia._gen.motia.v1 import sidecar_pb2
from motia.attempt import Attempt
from motia.calls import Convert
from motia.errors import PayloadError, PayloadTooLargeError
from motia.payload import decode, encode
from motia.runtime import Runtime


class Caller:
    """Shared by the context, its state and its streams; all of them may be used apart from the context."""

    __slots__ = ("_attempt", "_runtime")

    def __init__(self, attempt: Attempt, runtime: Runtime) -> None:
        self._attempt = attempt
        self._runtime = runtime

    @property
    def stream_names(self) -> frozenset[str]:
        """The streams that the project has now."""
        return self._runtime.stream_names

    @property
    def user_loop(self) -> asyncio.AbstractEventLoop:
        """Where async functions run."""
        return self._runtime.user_loop

    @property
    def max_payload_bytes(self) -> int:
        """The core's limit; 0: none."""
        return self._runtime.max_payload_bytes

    def send(self, frame: sidecar_pb2.SidecarFrame, convert: Convert) -> Any:
        """Send a call; returns its Reply under a running loop, and the value elsewhere."""
        return self._runtime.calls.send(self._attempt, frame, convert)

    def payload(self, value: Any, name: str) -> bytes:
        """A value as JSON text within the core's limit."""
        text = encode(value, name)
        limit = self._runtime.max_payload_bytes
        if limit and len(text) > limit:
            raise PayloadTooLargeError(f"{name} has {len(text):,} bytes of JSON, the limit is {limit:,}")
        return text


def key_of(value: Any, name: str) -> str:
    """A group, key or id as text; numbers and the like are written as Python does."""
    if isinstance(value, str):
        return value
    if value is None:
        raise PayloadError(f"{name} is None: it must be a string")
    return str(value)


def to_value(text: bytes) -> Any:
    """The answer as Python values."""
    return decode(text, "the core's answer") if text else None


def to_none(text: bytes) -> None:
    """The answer of a call that returns nothing."""
