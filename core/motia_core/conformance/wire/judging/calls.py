"""Watches what handlers ask of the core."""

from __future__ import annotations

from collections.abc import Iterator

from motia_core._gen.motia.v1 import call_pb2
from motia_core.conformance.wire.judging.json_text import is_json
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher


class Calls(Watcher):
    """CALL-1, CALL-3, CALL-8, CALL-10, RESUME-5."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self._unanswered: dict[int, tuple[int, call_pb2.Call]] = {}  # with the connection that it was last heard on

    def heard_call(self, call: call_pb2.Call) -> None:
        """A call belongs to an attempt that runs, and has an id of its own."""
        seen = self.seen
        known = self._unanswered.get(call.call_id)
        if known is not None and known[0] == seen.connection:
            self.broke("CALL-1", f"call_id {call.call_id} is used twice while it is unanswered")
        elif known is not None and known[1] != call:
            self.broke("RESUME-5", f"call {call.call_id} was sent again after a resume with other content")
        attempt = seen.attempts.get(call.invocation_id)
        if attempt is None:
            self.broke("CALL-3", f"call {call.call_id} names invocation {call.invocation_id}, which was never invoked")
            return
        if call.lease_token != attempt.invoke.lease_token:
            self.broke("CALL-3", f"call {call.call_id} does not repeat the lease_token of its Invoke")
        if attempt.is_over:
            rule = "RESUME-6" if attempt.was_sent_again else "CALL-10"
            self.broke(rule, f"call {call.call_id} was sent after its attempt had ended")
        if call.WhichOneof("operation") is None:
            self.broke("CALL-8", f"call {call.call_id} has no operation")
        for value in values(call):
            if not is_json(value):
                self.broke("CALL-8", f"a value of call {call.call_id} is not JSON: {value[:80]!r}")
        self._unanswered[call.call_id] = (seen.connection, call)
        attempt.calls.add(call.call_id)

    def said_call_reply(self, reply: call_pb2.CallReply) -> None:
        """Answered."""
        if reply.call_id in self._unanswered:
            _, call = self._unanswered.pop(reply.call_id)
            self.seen.attempts[call.invocation_id].calls.discard(reply.call_id)


def values(call: call_pb2.Call) -> Iterator[bytes]:
    """The JSON texts that a call carries."""
    operation = call.WhichOneof("operation")
    message = getattr(call, operation) if operation else call
    for name in ("data", "value", "operations"):
        if name in message.DESCRIPTOR.fields_by_name and operation != "socket_send":
            value: bytes = getattr(message, name)
            if value or operation not in ("emit", "stream_send"):
                yield value
