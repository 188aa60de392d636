"""Cancelling, and the end of a session in good order."""

from __future__ import annotations

import asyncio

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import core_frame
from motia_core.conformance.wire.play import Play

STOPPED = (failure_pb2.FAILURE_KIND_CANCELLED, failure_pb2.FAILURE_KIND_TIMEOUT)


@wire_case("CANCEL-3", "CANCEL-7", "CREDIT-4")
async def cancel(play: Play) -> None:
    """A cancelled attempt still ends with a Complete, and its slot is granted again."""
    await play.ready()
    running = play.start("slow", {"ms": 1200})
    await play.frame("INVOKE-3", "accepted")
    play.core.cancel(running, invoke_pb2.CANCEL_REASON_USER)
    complete = await play.complete("CANCEL-3", running)
    if complete.WhichOneof("outcome") == "failure":
        kind = failure_pb2.FailureKind.Name(complete.failure.kind)
        play.expect("FAILURE-3", complete.failure.kind in STOPPED, f"a cancelled attempt failed with {kind}")
    await play.credit()
    await play.lives("CANCEL-3")


@wire_case("INVOKE-5", "CANCEL-3", answer_calls=False)
async def cancel_during_call(play: Play) -> None:
    """An attempt that is cancelled while the core owes it an answer completes after the answer."""
    await play.ready()
    running = play.start("hold")
    call_id = await play.held("INVOKE-1", running)
    play.core.cancel(running, invoke_pb2.CANCEL_REASON_USER)
    await play.lives("CANCEL-3")
    play.release(call_id)
    await play.complete("CANCEL-3", running)


@wire_case("CANCEL-4")
async def signal_only(play: Play) -> None:
    """A signal changes nothing about the outcome."""
    await play.ready()
    running = play.start("slow", {"ms": 300})
    play.core.cancel(running, invoke_pb2.CANCEL_REASON_CLIENT_GONE, signal_only=True)
    complete = await play.complete("CANCEL-4", running)
    done = complete.WhichOneof("outcome") == "done"
    play.expect("CANCEL-4", done, "a handler that was only signalled, and returned, has not completed with done")


@wire_case("ORDER-4", "CANCEL-5", "SHAPE-3")
async def cancel_crosses_complete(play: Play) -> None:
    """A Cancel may come with the Invoke, after its end, or before it: each attempt ends once."""
    core = play.core
    await play.ready()
    early = play.invoke("calls", {"n": 1})
    cancel_frame = core_frame(
        cancel=invoke_pb2.Cancel(invocation_id=early.invocation_id, reason=invoke_pb2.CANCEL_REASON_USER)
    )
    core.send(cancel_frame, core_frame(invoke=early))
    complete = await play.complete("CANCEL-5", early.invocation_id)
    done = complete.WhichOneof("outcome") == "done"
    play.expect("SHAPE-3", done, "a Cancel that came before its Invoke was not ignored")
    core.send(cancel_frame, cancel_frame)
    together = play.invoke("slow", {"ms": 200})
    core.send(
        core_frame(invoke=together),
        core_frame(
            cancel=invoke_pb2.Cancel(invocation_id=together.invocation_id, reason=invoke_pb2.CANCEL_REASON_TIMEOUT)
        ),
    )
    await play.complete("CANCEL-3", together.invocation_id)
    for n in range(8):
        core.cancel(play.start("calls", {"n": n}), invoke_pb2.CANCEL_REASON_USER)
        await play.credit()
    await play.completes("CANCEL-3", list(play.judge.seen.attempts))
    await play.lives("ORDER-4")


@wire_case("DRAIN-1", "DRAIN-2", "DRAIN-4", "DRAIN-5", "DRAIN-7", "CREDIT-7", answer_calls=False)
async def drain_in_the_middle(play: Play) -> None:
    """What runs may finish, its calls included; what comes after Drain goes back; then Drained, and exit 0."""
    core = play.core
    await play.ready()
    running = [play.start("hold") for _ in range(3)]
    calls = [await play.held("INVOKE-1", each) for each in running]
    late = [play.invoke("hold"), play.invoke("echo", {})]
    core.drain(grace_ms=10_000)
    core.send(*(core_frame(invoke=invoke) for invoke in late))

    def returned() -> bool:
        ids = {each for frame in core.of_kind("returned") for each in frame.invocation_ids}
        return {invoke.invocation_id for invoke in late} <= ids

    await play.until("DRAIN-5", returned, "what came after Drain was not returned")
    await asyncio.sleep(0.2)
    early = bool(core.of_kind("drained")) or bool(core.of_kind("complete"))
    play.expect("DRAIN-2", not early, "running handlers were not left to finish")
    for call_id in calls:
        play.release(call_id)
    await play.completes("DRAIN-2", running)
    await play.frame("DRAIN-4", "drained")
    await play.exits("DRAIN-4", with_success=True)


@wire_case("DRAIN-4", ack_completes=False)
async def drain_waits_for_acks(play: Play) -> None:
    """Drained waits until every durable Complete is acknowledged."""
    core = play.core
    await play.ready()
    done = play.start("calls", {"n": 1})
    await play.complete("INVOKE-2", done)
    core.drain(grace_ms=10_000)
    await asyncio.sleep(0.4)
    play.expect("DRAIN-4", not core.of_kind("drained"), "Drained did not wait for the CompleteAck")
    core.acknowledge(done)
    await play.frame("DRAIN-4", "drained")
    await play.exits("DRAIN-4", with_success=True)


@wire_case("DRAIN-2", "DRAIN-4", "DRAIN-1", answer_calls=False)
async def tiny_grace(play: Play) -> None:
    """With next to no grace, what runs is cancelled, completes, and the process is gone within moments."""
    core = play.core
    await play.ready()
    running = [play.start("hold"), play.start("slow", {"ms": 400})]
    await play.held("INVOKE-1", running[0])
    core.drain(grace_ms=1)
    await play.frame("DRAIN-2", "drained")
    await play.exits("DRAIN-4", with_success=True)


@wire_case("DRAIN-3")
async def drained_logs(play: Play) -> None:
    """What was logged before the end arrives."""
    await play.ready()
    last = play.start("calls", {"n": 1})
    play.core.drain(grace_ms=5_000)
    await play.frame("DRAIN-4", "drained")
    logged = any(record.message == "wire" for record in play.core.logs)
    started = any(each.invocation_id == last for each in play.core.of_kind("complete"))
    play.expect("DRAIN-3", logged or not started, "a record from before the end was not sent before Drained")
    await play.exits("DRAIN-4", with_success=True)


@wire_case("DRAIN-4")
async def idle_drain(play: Play) -> None:
    """A sidecar that has nothing to do is gone at once, and a second Drain changes nothing."""
    await play.ready()
    play.core.send(
        core_frame(drain=lifecycle_pb2.Drain(grace_ms=5_000)), core_frame(drain=lifecycle_pb2.Drain(grace_ms=5_000))
    )
    await play.frame("DRAIN-4", "drained")
    await play.exits("DRAIN-4", with_success=True, wait_s=4.0)
