"""Lost connections, and cores that do not answer."""

from __future__ import annotations

import asyncio
from functools import partial

from motia_core._gen.motia.v1 import failure_pb2, sidecar_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import core_frame, welcome
from motia_core.conformance.wire.play import Play

CUT_AFTER = 5  # frames


@wire_case(
    "RESUME-1",
    "RESUME-2",
    "RESUME-3",
    "RESUME-4",
    "RESUME-5",
    "RESUME-6",
    "RESUME-7",
    "RESUME-11",
    "INVOKE-6",
    "CREDIT-5",
    ack_completes=False,
    answer_calls=False,
)
async def resume(play: Play) -> None:
    """After a lost connection the sidecar comes back and says again what may not have arrived."""
    core = play.core
    await play.ready()
    held = play.start("hold")
    call_id = await play.held("INVOKE-1", held)
    core.answer_calls = True
    done = [play.start("calls", {"n": n}) for n in range(2)]
    await play.completes("INVOKE-2", done)
    core.answer_calls = False
    seen = len(core.frames)
    streams = len(core.telemetry_sessions)
    core.hang_up()

    def again(kind: str) -> list[sidecar_pb2.SidecarFrame]:
        return [frame for frame in core.frames[seen:] if frame.WhichOneof("frame") == kind]

    await play.until("RESUME-1", lambda: bool(again("hello")), "the sidecar did not dial again")
    await play.until(
        "RESUME-4",
        lambda: set(done) <= {frame.complete.invocation_id for frame in again("complete")},
        "an unacknowledged Complete was not sent again",
    )
    await play.until(
        "RESUME-5",
        lambda: call_id in {frame.call.call_id for frame in again("call")},
        "the unanswered Call was not sent again",
    )
    await play.until(
        "RESUME-6",
        lambda: held in {each for frame in again("accepted") for each in frame.accepted.invocation_ids},
        "Accepted was not sent again for what runs",
    )
    await play.until(
        "RESUME-7",
        lambda: {frame.credit.pool for frame in again("credit")} >= {1, 2},
        "Credit was not sent again for both pools",
    )
    core.resend(held, play.step("hold"))
    core.resend(done[0], play.step("calls"))
    core.acknowledge(*done)
    core.ack_completes = True
    core.answer_calls = True
    play.release(call_id)
    await play.complete("RESUME-3", held)
    await play.lives("RESUME-6")
    await play.run("RESUME-11", "calls", {"n": 3})
    await play.until("RESUME-11", lambda: len(core.telemetry_sessions) > streams, "Telemetry was not opened again")


class Cuts:
    """Cuts the connection of a core after every few frames that matter."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._heard = 0
        self._connections = play.core.connections
        play.core.on_frame = self._cut

    def _cut(self, frame: sidecar_pb2.SidecarFrame) -> None:
        self._heard += frame.WhichOneof("frame") in ("complete", "call", "accepted")
        if self._heard >= CUT_AFTER and self.is_whole():
            self._heard = 0
            self._connections += 1
            self._play.core.hang_up()

    def is_whole(self) -> bool:
        """Whether the sidecar is back after the last cut."""
        return self._play.core.connections == self._connections and self._play.judge.seen.is_welcome

    async def run(self, name: str, data: object) -> None:
        """Run an attempt; its Invoke is sent again after each cut: it may not have arrived."""
        play = self._play
        invoke = play.invoke(name, data)

        def is_over() -> bool:
            attempt = play.judge.seen.attempts.get(invoke.invocation_id)
            return attempt is not None and attempt.complete is not None

        def is_over_or_cut(connections: int) -> bool:
            return is_over() or self._connections > connections

        while not is_over():
            await play.until("RESUME-1", self.is_whole, "the sidecar did not come back")
            either = partial(is_over_or_cut, self._connections)
            play.core.send(core_frame(invoke=invoke))
            await play.until("RESUME-4", either, f"invocation {invoke.invocation_id} was never completed")

    def stop(self) -> None:
        """Cut no more."""
        self._play.core.on_frame = lambda _frame: None


@wire_case("RESUME-4", "RESUME-5", "RESUME-7", "CREDIT-5", "INVOKE-2")
async def always_reconnect(play: Play) -> None:
    """The connection is cut after every few frames; every attempt still ends."""
    await play.ready()
    cuts = Cuts(play)
    for n in range(12):
        await cuts.run("calls", {"n": n})
    cuts.stop()
    await play.until("RESUME-1", cuts.is_whole, "the sidecar did not come back")
    play.expect("RESUME-1", play.core.connections > 4, "the connection was not lost")
    await play.credit()
    await play.lives("RESUME-3")


@wire_case("RESUME-8", ack_completes=False, answer_calls=False)
async def forgotten_session(play: Play) -> None:
    """A core that has forgotten the session is not sent what belonged to it: the sidecar exits, or begins anew."""
    core = play.core
    await play.ready()
    held = play.start("hold")
    call_id = await play.held("INVOKE-1", held)
    fresh = core_frame(welcome=welcome(core.limits))
    core.on_hello = lambda _hello: [fresh]
    core.hang_up()
    await play.until("RESUME-1", lambda: len(core.hellos) > 1, "the sidecar did not dial again")
    await asyncio.sleep(0.5)
    kinds = _kinds(core.frames)
    later = core.frames[len(kinds) - kinds[::-1].index("hello") :]
    repeated = [frame for frame in later if frame.WhichOneof("frame") in ("call", "complete", "accepted")]
    play.expect("RESUME-8", not repeated, f"frames of the forgotten session were sent again (call {call_id})")
    assert core.process is not None
    if core.process.returncode is not None:
        play.has_ended = True


@wire_case("RESUME-8", "HELLO-10")
async def resume_refused(play: Play) -> None:
    """A resume that is refused ends the sidecar."""
    core = play.core
    await play.ready()
    error = failure_pb2.ProtocolError(
        code=failure_pb2.PROTOCOL_ERROR_CODE_TOKEN, message="wire: this session is over; start a new sidecar"
    )
    core.on_hello = lambda _hello: [core_frame(protocol_error=error)]
    core.hang_up()
    await play.exits("RESUME-8")


@wire_case("RESUME-1", limits={"resume_window_ms": 0})
async def no_window(play: Play) -> None:
    """Without a window a lost connection is the end."""
    await play.ready()
    play.core.hang_up()
    await play.within("RESUME-1", play.core.exit_code(), "the sidecar lives on, and it may not resume")
    play.has_ended = True
    play.expect("RESUME-1", play.core.connections == 1, "the sidecar dialled again, and it may not resume")


@wire_case("RESUME-1", limits={"resume_window_ms": 600})
async def short_window(play: Play) -> None:
    """When the window is over without a core, the sidecar exits."""
    await play.ready()
    play.core.refuse_hellos = 1_000_000
    play.core.hang_up()
    await play.within("RESUME-1", play.core.exit_code(), "the window is over, and the sidecar lives on")
    play.has_ended = True


@wire_case("LIVENESS-1", "SHAPE-1", limits={"heartbeat_interval_ms": 100})
async def heartbeats(play: Play) -> None:
    """The heart beats as often as the core says, idle or not; beats are counted from 1."""
    await play.ready()
    await play.until("LIVENESS-1", lambda: len(play.core.of_kind("heartbeat")) >= 3, "no heartbeats come while idle")
    seen = len(play.core.of_kind("heartbeat"))
    play.start("slow", {"ms": 1500})
    what = "no heartbeats come while a handler runs"
    await play.until("LIVENESS-1", lambda: len(play.core.of_kind("heartbeat")) >= seen + 6, what)


@wire_case("RESUME-3", limits={"heartbeat_interval_ms": 50})
async def heartbeats_after_resume(play: Play) -> None:
    """After a resume heartbeats are counted on."""
    core = play.core
    await play.ready()
    await play.until("LIVENESS-1", lambda: len(core.of_kind("heartbeat")) >= 3, "no heartbeats come")
    core.hang_up()
    await play.until("RESUME-1", lambda: core.connections == 2, "the sidecar did not dial again")
    seen = len(core.of_kind("heartbeat"))
    await play.until("LIVENESS-1", lambda: len(core.of_kind("heartbeat")) >= seen + 2, "no heartbeats come any more")


@wire_case("LIVENESS-8", "RESUME-3", ack_heartbeats=False, limits={"heartbeat_interval_ms": 100})
async def frozen_core(play: Play) -> None:
    """A core that stops to read and to answer: the sidecar lives, keeps what it has, and goes on afterwards."""
    core = play.core
    await play.ready()
    play.judge.liveness.is_watched = False
    ids = [play.start("calls", {"n": n}) for n in range(4)]
    core.reading.clear()
    await asyncio.sleep(1.5)
    assert core.process is not None
    play.expect("LIVENESS-8", core.process.returncode is None, "the sidecar ended because the core was slow")
    core.reading.set()
    core.ack_heartbeats = True
    await play.completes("LIVENESS-8", ids)
    await play.lives("LIVENESS-8")


@wire_case("RESUME-4", "INVOKE-6", ack_completes=False)
async def kept_until_acknowledged(play: Play) -> None:
    """A durable Complete is kept over several lost connections, and no longer than until it is acknowledged."""
    core = play.core
    await play.ready()
    durable = play.start("calls", {"n": 1})
    await play.complete("INVOKE-2", durable)
    for times in (2, 3):
        core.hang_up()

        def sent(times: int = times) -> bool:
            ids: list[int] = [each.invocation_id for each in core.of_kind("complete")]
            return ids.count(durable) >= times

        await play.until("RESUME-4", sent, f"the unacknowledged Complete was not sent a {times}. time")
    core.acknowledge(durable)
    await play.lives("RESUME-3")
    seen = len(core.frames)
    connections = core.connections
    core.hang_up()
    await play.until("RESUME-1", lambda: core.connections > connections, "the sidecar did not dial again")
    core.ack_completes = True
    await play.until("RESUME-7", lambda: _kinds(core.frames[seen:]).count("credit") >= 2, "Credit was not sent again")
    await play.lives("RESUME-3")
    late = [frame.complete.invocation_id for frame in core.frames[seen:] if frame.WhichOneof("frame") == "complete"]
    play.expect("INVOKE-6", durable not in late, "an acknowledged Complete was sent again")


def _kinds(frames: list[sidecar_pb2.SidecarFrame]) -> list[str | None]:
    return [frame.WhichOneof("frame") for frame in frames]
