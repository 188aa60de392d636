"""Watches sizes and the form of what handlers return."""

from __future__ import annotations

from motia_core._gen.motia.v1 import call_pb2, invoke_pb2, sidecar_pb2
from motia_core.conformance.wire.judging.calls import values
from motia_core.conformance.wire.judging.json_text import is_json, is_nearly_json
from motia_core.conformance.wire.judging.seen import Watcher


class Payloads(Watcher):
    """LIMIT-1, LIMIT-3, HTTP-6, HTTP-7, PAYLOAD-1."""

    def message(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """A message is not larger than the core reads."""
        limit = self.seen.welcome.max_message_bytes if self.seen.welcome is not None else 0
        if limit and size > limit:
            self.broke("LIMIT-1", f"a message of {size} bytes was sent; Welcome.max_message_bytes is {limit}")

    def heard_call(self, call: call_pb2.Call) -> None:
        """Values of calls."""
        for value in values(call):
            self._size(value, f"call {call.call_id}")

    def heard_complete(self, complete: invoke_pb2.Complete) -> None:
        """Responses and answers."""
        outcome = complete.WhichOneof("outcome")
        if outcome == "http":
            self._response(complete.http, complete.invocation_id)
        elif outcome == "answer" and not is_json(complete.answer.value):
            self.broke("PAYLOAD-1", f"the answer of {complete.invocation_id} is not JSON")

    def heard_response_start(self, start: invoke_pb2.ResponseStart) -> None:
        """The head of a streamed response."""
        if start.response.body:
            self.broke("STREAM-2", f"ResponseStart of {start.invocation_id} has a body")
        self._headers(start.response, start.invocation_id)

    def _response(self, response: invoke_pb2.HttpResponse, invocation_id: int) -> None:
        self._size(response.body, f"the response of {invocation_id}")
        self._headers(response, invocation_id)
        if response.body_kind == invoke_pb2.BODY_KIND_JSON and not is_json(response.body):
            rule = "PAYLOAD-1" if is_nearly_json(response.body) else "HTTP-6"
            self.broke(rule, f"the body of {invocation_id} is of kind JSON and is not JSON: {response.body[:80]!r}")
        elif response.body_kind == invoke_pb2.BODY_KIND_TEXT:
            try:
                response.body.decode()
            except UnicodeDecodeError:
                self.broke("HTTP-6", f"the body of {invocation_id} is of kind TEXT and is not UTF-8")
        elif response.body_kind == invoke_pb2.BODY_KIND_UNSPECIFIED and response.body:
            self.broke("HTTP-6", f"the body of {invocation_id} has no kind")

    def _headers(self, response: invoke_pb2.HttpResponse, invocation_id: int) -> None:
        if len(response.headers) % 2:
            self.broke("HTTP-7", f"the headers of {invocation_id} are not names and values: {list(response.headers)}")

    def _size(self, value: bytes, of: str) -> None:
        limit = self.seen.welcome.max_payload_bytes if self.seen.welcome is not None else 0
        if limit and len(value) > limit:
            self.broke("LIMIT-3", f"{of} has a payload of {len(value)} bytes; Welcome.max_payload_bytes is {limit}")
