"""The end of a session in good order: finish what runs, hand back what does not, flush, say so."""

from __future__ import annotations

import asyncio
import time

from motia._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2
from motia.runtime import Runtime
from motia.wire import pack
from motia.worker import Worker, returned_frame

# After the grace the core may end the process within a second (docs/protocol.md, DRAIN-6).
STOP_S = 0.4  # what cancelled handlers get to clean up
CONFIRM_S = 0.3  # what the core gets to confirm durable completes; more when there is grace left
LOGS_S = 0.2


async def drain(grace_ms: int, runtime: Runtime, worker: Worker, confirmed: asyncio.Event) -> None:
    """Bring this sidecar to rest; returns once Drained is in the outbox.

    `confirmed` is set while the core has confirmed every durable Complete.
    """
    worker.ledger.stop_granting()
    if returned := worker.give_back():
        runtime.outbox.send(returned_frame(returned))
    grace_end_s = time.monotonic() + grace_ms / 1000
    if not await within(worker.idle, grace_ms / 1000):
        interrupted = [
            attempt
            for invocation_id in list(worker.attempts)
            if (attempt := worker.cancel(invocation_id, invoke_pb2.CANCEL_REASON_SHUTDOWN, signal_only=False))
        ]
        runtime.user_loop.call_soon_threadsafe(worker.on_user_loop, [], [], interrupted)
        if not await within(worker.idle, STOP_S):
            worker.abandon()
            await worker.idle.wait()
    await within(confirmed, max(CONFIRM_S, grace_end_s - time.monotonic()))
    await within(runtime.telemetry.idle, LOGS_S)
    runtime.outbox.send(pack(sidecar_pb2.SidecarFrame(drained=lifecycle_pb2.Drained())))


async def within(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for an event; False when the time passed first."""
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except asyncio.TimeoutError:
        return event.is_set()
    return True
