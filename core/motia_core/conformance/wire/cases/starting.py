"""How a session begins, and how it does not."""

from __future__ import annotations

import asyncio

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import DIGEST, core_frame, message
from motia_core.conformance.wire.padding import with_unknown_field
from motia_core.conformance.wire.play import START_S, Play

WHILE_S = 0.4  # in which what must not be sent would come
PADDING = 6 * 1024 * 1024  # over the 4 MiB that gRPC reads by default


@wire_case(
    "HELLO-1",
    "HELLO-4",
    "HELLO-5",
    "HELLO-6",
    "HELLO-9",
    "LAUNCH-1",
    "LAUNCH-5",
    "SHAPE-1",
    "SHAPE-2",
    "HELLO-2",
    "HELLO-3",
)
async def handshake(play: Play) -> None:
    """Hello comes first and alone, says what the environment says, and nothing follows before Welcome."""
    core = play.core
    core.on_hello = lambda _hello: []
    await play.launch()
    hello = await play.hello()
    play.expect("HELLO-6", core.limits.revision in hello.revisions, f"revision {core.limits.revision} is not named")
    await asyncio.sleep(WHILE_S)
    core.on_hello = None
    core.react(sidecar_pb2.SidecarFrame(hello=hello))
    await play.load()
    await play.lives("HELLO-9")


@wire_case("HELLO-10", "ERROR-3")
async def refused(play: Play) -> None:
    """A sidecar that is refused says why on standard error, exits with a code other than 0, and does not dial again."""
    error = failure_pb2.ProtocolError(
        code=failure_pb2.PROTOCOL_ERROR_CODE_REVISION, message="wire: there is no revision in common; upgrade the SDK"
    )
    play.core.on_hello = lambda _hello: [core_frame(protocol_error=error)]
    await play.launch()
    await play.exits("HELLO-10", wait_s=START_S)


@wire_case("ERROR-3", "RESUME-10")
async def told_wrong(play: Play) -> None:
    """A ProtocolError in the middle of a session ends it: it is not answered, and the session is not resumed."""
    await play.ready()
    play.start("hold")
    error = failure_pb2.ProtocolError(
        code=failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME, message="wire: Credit.granted went down; grant totals"
    )
    play.core.send(core_frame(protocol_error=error))
    play.core.hang_up()
    await play.exits("ERROR-3")


@wire_case("HELLO-7", "ERROR-1")
async def no_welcome(play: Play) -> None:
    """A core that says something else than Welcome first is not listened to."""
    play.core.on_hello = lambda _hello: [core_frame(drain=lifecycle_pb2.Drain(grace_ms=1000))]
    await play.launch()
    await play.hello()
    play.judge.expects_error = True
    await play.exits("HELLO-7")


@wire_case("HELLO-8", "LOAD-16", limits={"capabilities": ()})
async def no_capabilities(play: Play) -> None:
    """A core without capabilities gets no frame that needs one."""
    await play.ready()
    await play.run("HELLO-8", "calls", {"n": 1})
    await play.lives("HELLO-8")


@wire_case("HELLO-6", "HELLO-8", limits={"revision": 1, "capabilities": ()})
async def previous_revision(play: Play) -> None:
    """A core that speaks an earlier revision only is served as that says (VERSION-3)."""
    await play.launch()
    hello = await play.hello()
    newest = max(hello.revisions, default=0)
    earlier = max(newest - 1, 1)
    play.expect("HELLO-6", earlier in hello.revisions, f"revision {earlier} is not named beside {newest}")
    await play.load()
    await play.run("HELLO-8", "calls", {"n": 1})
    await play.lives("HELLO-8")


@wire_case("HELLO-6", limits={"revision": 99})
async def unknown_revision(play: Play) -> None:
    """A Welcome with a revision that was not named is a protocol error of the core."""
    await play.launch()
    await play.error("HELLO-6", failure_pb2.PROTOCOL_ERROR_CODE_REVISION)


@wire_case("LAUNCH-7", "SHAPE-7")
async def large_welcome(play: Play) -> None:
    """Messages of more than 4 MiB are read from the first one on."""
    core = play.core

    def large(hello: lifecycle_pb2.Hello) -> list[sidecar_pb2.CoreFrame]:
        core.send_raw(with_unknown_field(message(*core.welcome(hello)), PADDING))
        return []

    core.on_hello = large
    await play.launch()
    await play.hello()
    core.send(core_frame(load=manifest_pb2.Load(project_root=str(core.root), digest=DIGEST)))
    await play.frame("LAUNCH-7", "manifest")


@wire_case("SHAPE-2")
async def empty_messages(play: Play) -> None:
    """Messages without frames are ignored, before Welcome too."""
    core = play.core

    def empty_first(hello: lifecycle_pb2.Hello) -> list[sidecar_pb2.CoreFrame]:
        core.send_raw(b"")
        return core.welcome(hello)

    core.on_hello = empty_first
    await play.ready(rule="SHAPE-2")
    core.send_raw(b"")
    await play.lives("SHAPE-2")


@wire_case("LAUNCH-3")
async def stdin_closed(play: Play) -> None:
    """A sidecar whose standard input ends exits, whatever it is doing: the core is gone."""
    await play.ready()
    play.start("hold")
    play.start("slow", {"ms": 20_000})
    await play.within("LAUNCH-3", asyncio.sleep(0.1), "")
    play.core.close_stdin()
    await play.within("LAUNCH-3", play.core.exit_code(), "the process lives on without a core")
    play.has_ended = True


@wire_case("LAUNCH-4", "LAUNCH-8")
async def prints(play: Play) -> None:
    """What handlers print reaches standard output as it is, where no marks are asked for."""
    await play.ready()
    await play.run("LAUNCH-4", "slow", {"ms": 1})
    assert play.core.process is not None
    printed = play.core.process.stdout
    await play.until("LAUNCH-4", lambda: b"wire: slow\n" in printed, "what slow prints is not on standard output")
    play.expect("LAUNCH-8", b"\x1f" not in printed, "a line is marked, and MOTIA_SIDECAR_MARKS is not set")


@wire_case("LAUNCH-8")
async def marked_prints(play: Play) -> None:
    """Where marks are always asked for, they name the attempt, or there are none."""
    await play.ready(MOTIA_SIDECAR_MARKS="always")
    await play.run("LAUNCH-4", "slow", {"ms": 1})
    assert play.core.process is not None
    printed = play.core.process.stdout
    await play.until("LAUNCH-4", lambda: b"wire: slow\n" in printed, "what slow prints is not on standard output")
    lines = [line for line in printed.decode(errors="replace").split("\n") if line.endswith("wire: slow")]
    mark = f"\x1fQ7KPD-4821907\x1f{play.step('slow')}\x1f"
    right = lines[0] in (f"{mark}wire: slow", "wire: slow")
    play.expect("LAUNCH-8", right, f"the line is marked otherwise: {lines[0]!r}")
