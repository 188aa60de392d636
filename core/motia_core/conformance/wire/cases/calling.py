"""What handlers ask of the core, and what they log."""

from __future__ import annotations

from motia_core._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import SESSION, core_frame
from motia_core.conformance.wire.play import Play, RuleBrokenError

DATA = {"n": 9_007_199_254_740_993, "text": "ü"}


@wire_case("CALL-2", "CALL-3", "CALL-8", "INVOKE-5", "PAYLOAD-3", "CALL-10", "PROGRESS-8")
async def calls(play: Play) -> None:
    """State is written and read, what was read is emitted, and every value is the one that was given."""
    written: dict[str, bytes] = {}

    def answer(call: call_pb2.Call) -> bytes:
        if call.WhichOneof("operation") == "state_set":
            written[call.state_set.key] = call.state_set.value
        return written.get(call.state_get.key, b"null") if call.WhichOneof("operation") == "state_get" else b"null"

    play.core.answer = answer
    await play.ready()
    complete = await play.run("CALL-3", "calls", DATA)
    play.expect("CALL-2", complete.WhichOneof("outcome") == "done", f"calls failed: {complete.failure.message}")
    emits = [call.emit for call in play.core.of_kind("call") if call.WhichOneof("operation") == "emit"]
    if not emits:
        raise RuleBrokenError("CALL-2", "the step that emits did not")
    play.expect("CALL-2", emits[0].topic == "wire.done", f"the topic is {emits[0].topic!r}, not wire.done")
    emitted = play.json("CALL-8", emits[0].data)
    play.expect("PAYLOAD-3", emitted == DATA, f"what was read from the state is not what was written: {emitted}")


@wire_case("CALL-4", "INVOKE-5")
async def failed_call(play: Play) -> None:
    """A call that fails raises in the handler, with the core's words; the attempt fails with it."""
    failure = failure_pb2.Failure(
        kind=failure_pb2.FAILURE_KIND_INTERNAL, type="StoreError", message="wire: the disk is full"
    )
    play.core.answer = lambda _call: failure
    await play.ready()
    complete = await play.run("CALL-4", "calls", DATA)
    play.expect("CALL-4", complete.WhichOneof("outcome") == "failure", "a handler whose call failed has not failed")
    play.expect("CALL-4", "wire: the disk is full" in complete.failure.message, "the core's words are lost")
    await play.lives("CALL-4")


@wire_case("CALL-2", "INVOKE-7", "CANCEL-5", "CALL-1", answer_calls=False)
async def late_frames(play: Play) -> None:
    """Replies, acknowledgements and cancels of what is over or was never there are ignored."""
    core = play.core
    await play.ready()
    held = play.start("hold")
    call_id = await play.held("CALL-2", held)
    core.reply(call_pb2.Call(call_id=call_id + 1000), b'"stray"')
    await play.lives("CALL-2")
    core.acknowledge(held, 9_999)
    await play.lives("INVOKE-7")
    core.cancel(9_999, invoke_pb2.CANCEL_REASON_USER)
    await play.lives("CANCEL-5")
    core.send_heartbeat_ack(9_999)
    play.release(call_id)
    await play.complete("CALL-2", held)
    play.release(call_id, b'"again"')
    await play.lives("CALL-2")
    core.acknowledge(held)
    await play.lives("INVOKE-7")
    core.cancel(held, invoke_pb2.CANCEL_REASON_TIMEOUT)
    await play.lives("CANCEL-5")


@wire_case("INVOKE-5", "CALL-12", needs=("forget",), answer_calls=False)
async def forgotten_call(play: Play) -> None:
    """Complete waits for the reply to a call that the handler did not wait for."""
    await play.ready()
    held = play.start("forget")
    call_id = await play.held("CALL-12", held)
    await play.lives("INVOKE-5")
    play.release(call_id)
    await play.complete("INVOKE-5", held)


@wire_case("INVOKE-5", "CALL-4", needs=("forget",))
async def forgotten_failure(play: Play) -> None:
    """The failure of a call that nobody looks at fails the attempt."""
    failure = failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_INTERNAL, type="StoreError", message="wire: full")
    play.core.answer = lambda _call: failure
    await play.ready()
    complete = await play.run("INVOKE-5", "forget")
    play.expect("INVOKE-5", complete.WhichOneof("outcome") == "failure", "the attempt has not failed with its call")


@wire_case("TELEMETRY-1", "TELEMETRY-2", "TELEMETRY-3", "TELEMETRY-5", "SHAPE-1", "TELEMETRY-4")
async def logs(play: Play) -> None:
    """Log records come over Telemetry, with the step and the trace that they belong to."""
    await play.ready()
    ids = [play.start("calls", {"n": n}) for n in range(3)]
    await play.completes("INVOKE-2", ids)

    def all_logged() -> bool:
        return set(ids) <= {record.invocation_id for record in play.core.logs if record.message == "wire"}

    await play.until("TELEMETRY-5", all_logged, "not every attempt's record came with its invocation_id")
    play.expect("TELEMETRY-1", play.core.telemetry_sessions[:1] == [SESSION], "Telemetry does not name the session")


@wire_case("TELEMETRY-3", "LIMIT-5")
async def unread_logs(play: Play) -> None:
    """A core that does not read log records delays no handler."""
    play.core.read_telemetry.clear()
    await play.ready()
    for n in range(40):
        await play.completes("TELEMETRY-3", [play.start("calls", {"n": n, "m": m}) for m in range(8)])
        await play.credit()
    play.core.read_telemetry.set()


@wire_case("LOAD-10")
async def repeated_project(play: Play) -> None:
    """Project may be sent again."""
    await play.ready()
    play.core.send_project("rooms")
    play.core.send_project()
    play.core.send(core_frame())
    await play.lives("LOAD-10")
