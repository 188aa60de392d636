"""The session that is recorded of each revision: work of every kind, calls, a cancel, and the end in good order."""

from __future__ import annotations

from motia_core._gen.motia.v1 import call_pb2, invoke_pb2
from motia_core.conformance.wire.case import WireCase
from motia_core.conformance.wire.play import Play
from motia_core.conformance.wire.recorded.recording import Recorder, Said
from motia_core.conformance.wire.running import run_case
from motia_core.conformance.wire.subject import Subject


async def script(play: Play) -> None:
    """What happens in it."""
    values: dict[str, bytes] = {}

    def answer(call: call_pb2.Call) -> bytes:
        if call.WhichOneof("operation") == "state_set":
            values[call.state_set.key] = call.state_set.value
        return values.get(call.state_get.key, b"null") if call.WhichOneof("operation") == "state_get" else b"null"

    play.core.answer = answer
    await play.ready("broken", "calls", "echo", "fail", "hold", "slow")
    await play.run("INVOKE-2", "echo", {"text": "ü", "n": 9_007_199_254_740_993})
    await play.run("INVOKE-2", "calls", {"n": 1})
    await play.run("INVOKE-2", "hold")
    await play.run("INVOKE-2", "fail")
    running = play.start("slow", {"ms": 200})
    await play.frame("INVOKE-3", "accepted", lambda frame: running in frame.accepted.invocation_ids)
    play.core.cancel(running, invoke_pb2.CANCEL_REASON_USER)
    await play.complete("CANCEL-3", running)
    await play.drains()


async def record(subject: Subject) -> tuple[int, list[Said]]:
    """Record the session with a sidecar, at the highest revision that it speaks.

    Raises:
        RuntimeError: The sidecar breaks a rule: that is nothing to keep.
    """
    newest = await _newest(subject)
    recorder = Recorder()
    case = WireCase("wire/recorded", "", ("VERSION-3",), script, {"limits": {"revision": newest}})
    outcome = await run_case(case, subject, witnesses=[recorder])
    if outcome.broken:
        raise RuntimeError("\n".join(map(str, outcome.broken)))
    return newest, recorder.said_so_far


async def _newest(subject: Subject) -> int:
    revisions: list[int] = []

    async def look(play: Play) -> None:
        await play.launch()
        revisions.extend((await play.hello()).revisions)
        await play.load("echo")

    await run_case(WireCase("wire/recorded", "", ("HELLO-6",), look), subject)
    return max(revisions)
