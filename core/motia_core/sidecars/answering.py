"""Answers the context calls of one session."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from motia_core._gen.motia.v1 import call_pb2, sidecar_pb2
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.engine.tasks import Tasks
from motia_core.errors import MotiaError, PayloadTooLargeError, ProtocolViolationError
from motia_core.sidecars.calls import ANSWERS, check_size, record
from motia_core.sidecars.codec import write_call_failure
from motia_core.sidecars.outbox import MAX_FRAME_BYTES, Outbox

if TYPE_CHECKING:
    from motia_core.sidecars.session import Running


class Answering:
    """Has the engine do what handlers ask for.

    Args:
        name: Of the session, for logs.
        running: Its attempts, by id, as they are at any time.
    """

    def __init__(
        self,
        name: str,
        outbox: Outbox,
        running: Mapping[int, Running],
        calls: ContextCalls,
        log: Log,
        max_payload_bytes: int,
    ) -> None:
        self._outbox = outbox
        self._running = running
        self._calls = calls
        self._max_payload_bytes = max_payload_bytes
        self._under_way: set[int] = set()  # ids of calls
        self._tasks = Tasks(lambda error: log.record("error", f"{name}: a call could not be answered: {error!r}"))

    def receive(self, frame: sidecar_pb2.SidecarFrame) -> None:
        """Answer a Call. A resumed sidecar asks again what was not answered; what is still being worked on needs no
        second start."""
        if frame.call.call_id not in self._under_way:
            self._under_way.add(frame.call.call_id)
            self._tasks.start(self._answer(frame.call))

    async def finish(self) -> None:
        """Wait for what is still being answered."""
        await self._tasks.finish()

    async def _answer(self, call: call_pb2.Call) -> None:
        running = self._running.get(call.invocation_id)
        which = call.WhichOneof("operation")
        began_ns = time.monotonic_ns()
        try:
            if running is None or running.invocation.lease_token != call.lease_token:
                raise ProtocolViolationError("the invocation of this call has ended")
            if which is None:
                raise ProtocolViolationError("this core does not know the operation: upgrade motia-core")
            check_size(call, which, running.invocation, self._max_payload_bytes)
            value = await ANSWERS[which](self._calls, running.invocation, call)
            if len(value) > MAX_FRAME_BYTES:
                raise PayloadTooLargeError(f"the answer has {len(value):,} bytes, at most {MAX_FRAME_BYTES:,} fit")
            reply = self._outbox.frame(len(value)).call_reply
            reply.call_id = call.call_id
            reply.value = value
            record(running.invocation, call, which, began_ns, value)
        except MotiaError as error:
            if running is not None and which is not None:
                record(running.invocation, call, which, began_ns, b"", f"{type(error).__name__}: {error.message}")
            reply = self._outbox.frame().call_reply
            reply.call_id = call.call_id
            write_call_failure(reply.failure, error)
        finally:
            self._under_way.discard(call.call_id)
