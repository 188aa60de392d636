"""Frames as a core sends them, with plausible values for what a script does not care about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2

TOKEN = "one-time-token"
DIGEST = "digest-1"
SESSION = "session-1"
API, BACKGROUND = lifecycle_pb2.POOL_API, lifecycle_pb2.POOL_BACKGROUND
CAPABILITIES = ("streamed-responses", "uploads", "sockets", "stream-hooks", "reload", "several-steps")


@dataclass
class Limits:
    """What Welcome says."""

    heartbeat_interval_ms: int = 60_000
    resume_window_ms: int = 5_000
    api_slots: int = 64
    background_slots: int = 64
    max_payload_bytes: int = 0
    max_message_bytes: int = 0
    chunk_window_bytes: int = 0
    revision: int = 1
    capabilities: tuple[str, ...] = ("several-steps",)


def core_frame(**frame: Any) -> sidecar_pb2.CoreFrame:
    """One frame, by its field."""
    return sidecar_pb2.CoreFrame(**frame)


def message(*frames: sidecar_pb2.CoreFrame) -> bytes:
    """Frames as one message."""
    return sidecar_pb2.SessionResponse(frames=frames).SerializeToString()


def welcome(limits: Limits, resumed: bool = False) -> lifecycle_pb2.Welcome:
    """A Welcome with these limits."""
    return lifecycle_pb2.Welcome(session_id=SESSION, resumed=resumed, **vars(limits))


def invocation(invocation_id: int, step: str, **fields: Any) -> invoke_pb2.Invoke:
    """An Invoke with plausible values; without a trigger it is an event without data."""
    is_api = "http" in fields
    plausible: dict[str, Any] = {
        "lease_token": 7,
        "attempt": 1,
        "max_attempts": 1 if is_api else 4,
        "manifest_digest": DIGEST,
        "pool": API if is_api else BACKGROUND,
        "durable": not is_api,
        "trace_id": "Q7KPD-4821907",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    if not {"http", "event", "cron", "stream"} & set(fields):
        plausible["event"] = invoke_pb2.EventInput(topic="t")
    return invoke_pb2.Invoke(invocation_id=invocation_id, step=step, **{**plausible, **fields})


def json_request(body: Any = None, **fields: Any) -> invoke_pb2.HttpRequest:
    """A request with a JSON body, or without a body."""
    request = invoke_pb2.HttpRequest(method="POST", path="/", **fields)
    if body is not None:
        request.body_format = invoke_pb2.BODY_FORMAT_JSON
        request.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request


def event(data: Any) -> invoke_pb2.EventInput:
    """An event with JSON data."""
    return invoke_pb2.EventInput(topic="t", data=json.dumps(data).encode())
