"""WebSocket steps: what their handlers get and return, and `ctx.sockets`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from motia._gen.motia.v1 import invoke_pb2, sidecar_pb2
from motia.caller import Caller, to_value
from motia.errors import PayloadTooLargeError
from motia.payload import Record, decode, encode
from motia.response import ABSENT, Answer, read_answer

KINDS: dict[int, str] = {
    invoke_pb2.SOCKET_EVENT_KIND_CONNECT: "connect",
    invoke_pb2.SOCKET_EVENT_KIND_MESSAGE: "message",
    invoke_pb2.SOCKET_EVENT_KIND_CLOSE: "close",
}


def read_event(http: invoke_pb2.HttpRequest, request: Record) -> Record:
    """An event of a WebSocket connection: type, connectionId, pathParams, queryParams, headers; code and reason of a
    close; data of a message: a str, bytes or, with a messageSchema, what the text says as JSON."""
    socket = http.socket
    kind = KINDS.get(socket.kind, "message")
    event = Record(type=kind, connectionId=socket.connection_id)
    event.update({key: request[key] for key in ("pathParams", "queryParams", "headers")})
    if kind == "message":
        event["data"] = _data(http)
    elif kind == "close":
        event.update(code=socket.code, reason=socket.reason)
    return event


def _data(http: invoke_pb2.HttpRequest) -> Any:
    if http.body_format == invoke_pb2.BODY_FORMAT_BINARY:
        return http.body
    if http.body_format == invoke_pb2.BODY_FORMAT_JSON:
        return decode(http.body, "message")
    return http.body.decode(errors="replace")


def answer_of(http: invoke_pb2.HttpRequest, result: Any) -> Answer:
    """What a handler returned: to a connect a response, or None, which lets the client in; to a message what is sent
    back. Raises BadResultError."""
    kind = KINDS.get(http.socket.kind, "message")
    if result is None or kind == "close":
        return Answer(200, [], ABSENT)
    if kind == "message":
        return Answer(200, [], result)
    if isinstance(result, Mapping) and result.get("status") == 101:
        result = {**result, "status": 200}
    return read_answer(result)


class Sockets:
    """The WebSocket connections of this core. Await the results in async handlers."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def send(self, connection_id: str, data: Any) -> Any:
        """Send a str, bytes or JSON to a connection; False: it has ended, or is another core's."""
        return self._send({"connection_id": connection_id}, data, to_bool)

    def broadcast(self, path: str, data: Any, except_: Sequence[str] = ()) -> Any:
        """Send to all connections that were opened on a path, such as "/chat/7", but for some; how many."""
        return self._send({"path": path, "excluded": list(except_)}, data, to_value)

    def close(self, connection_id: str, code: int = 1000, reason: str = "") -> Any:
        """End a connection; False: there is none."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.socket_close
        operation.connection_id, operation.code, operation.reason = connection_id, code, reason
        return self._caller.send(frame, to_bool)

    def _send(self, target: Mapping[str, Any], data: Any, convert: Any) -> Any:
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.socket_send
        operation.connection_id = target.get("connection_id", "")
        operation.path = target.get("path", "")
        operation.excluded.extend(target.get("excluded", ()))
        operation.is_text = not isinstance(data, (bytes, bytearray, memoryview))
        if not operation.is_text:
            operation.data = bytes(data)
        else:
            operation.data = data.encode(errors="replace") if isinstance(data, str) else encode(data, "a message")
        limit = self._caller.max_payload_bytes
        if limit and len(operation.data) > limit:
            raise PayloadTooLargeError(f"a message has {len(operation.data):,} bytes, the limit is {limit:,}")
        return self._caller.send(frame, convert)


def to_bool(text: bytes) -> bool:
    """The answer of a call that reaches one connection or none."""
    return text != b"0"
