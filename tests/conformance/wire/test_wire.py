"""The core refuses what breaks docs/protocol.md, says which rule, and goes on for everybody else."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson

from motia_core._gen.motia.v1 import (
    failure_pb2,
    invoke_pb2,
    lifecycle_pb2,
    manifest_pb2,
    sidecar_pb2,
)
from tests.conformance.wire.sidecar import STEP, Frame, LaunchedCore, Peer, launched

CONFIG = {"type": "api", "name": "Hello", "method": "GET", "path": "/hello", "emits": []}


def play(folder: Path, scenario: Callable[[LaunchedCore], Awaitable[None]]) -> None:
    """Run a scenario, and check that the core still welcomes a sidecar that behaves, unless the token is spent."""

    async def scene() -> None:
        async with launched(folder) as core:
            await scenario(core)
            assert core.process.returncode is None

    asyncio.run(scene())


async def welcome(core: LaunchedCore, peer: Peer) -> sidecar_pb2.CoreFrame:
    await peer.say(core.hello())
    return await peer.hear("welcome")


async def load(core: LaunchedCore, peer: Peer) -> str:
    """Handshake and manifest; the digest."""
    await welcome(core, peer)
    digest = (await peer.hear("load")).load.digest
    step = manifest_pb2.StepDefinition(path=STEP, config=orjson.dumps(CONFIG), has_handler=True)
    await peer.say(Frame(manifest=manifest_pb2.Manifest(digest=digest, steps=[step])))
    await peer.hear("project")
    return digest


async def still_welcome(core: LaunchedCore) -> None:
    async with core.dialled() as peer:
        assert (await welcome(core, peer)).welcome.revision == 1


def test_handshake_loads_the_project(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as peer:
            hello = (await welcome(core, peer)).welcome
            assert hello.session_id
            assert not hello.resumed
            assert hello.heartbeat_interval_ms > 0
            asked = (await peer.hear("load")).load
            assert [(file.path, file.kind) for file in asked.files] == [(STEP, manifest_pb2.FILE_KIND_STEP)]
            assert asked.project_root == str(tmp_path / "project")
            await peer.say(Frame(loading=manifest_pb2.Loading(path=STEP)))
            assert (await peer.hear("loading_ack")).loading_ack.path == STEP
            await peer.say(Frame(heartbeat=lifecycle_pb2.Heartbeat(sequence=7)))
            assert (await peer.hear("heartbeat_ack")).heartbeat_ack.sequence == 7

    play(tmp_path, scenario)


def test_socket_is_for_this_user_only(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        socket = Path(core.address.removeprefix("unix://"))
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        arguments = Path(f"/proc/{core.process.pid}/cmdline").read_bytes()
        assert core.token.encode() not in arguments

    play(tmp_path, scenario)


def test_other_revision_is_refused_with_advice(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as peer:
            await peer.say(core.hello(revisions=[7, 8]))
            error = await peer.refused()
            assert error.code == failure_pb2.PROTOCOL_ERROR_CODE_REVISION
            assert "7, 8" in error.message
            assert "upgrade motia-core" in error.message
        await still_welcome(core)

    play(tmp_path, scenario)


def test_wrong_token_is_refused(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        for changes in ({"token": "guess"}, {"token": ""}, {"language": "node"}):
            async with core.dialled() as peer:
                await peer.say(core.hello(**changes))
                assert (await peer.refused()).code == failure_pb2.PROTOCOL_ERROR_CODE_TOKEN
        await still_welcome(core)

    play(tmp_path, scenario)


def test_token_opens_one_session_only(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as first:
            await welcome(core, first)
            async with core.dialled() as second:
                await second.say(core.hello())
                assert (await second.refused()).code == failure_pb2.PROTOCOL_ERROR_CODE_TOKEN
            await first.say(Frame(heartbeat=lifecycle_pb2.Heartbeat(sequence=1)))
            await first.hear("heartbeat_ack")

    play(tmp_path, scenario)


def test_lost_connection_is_resumed(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as first:
            session_id = (await welcome(core, first)).welcome.session_id
            await first.hear("load")
        async with core.dialled() as second:
            await second.say(core.hello(resume_session_id=session_id))
            resumed = (await second.hear("welcome")).welcome
            assert resumed.resumed
            assert resumed.session_id == session_id

    play(tmp_path, scenario)


def test_first_frame_must_be_hello(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        beat = Frame(heartbeat=lifecycle_pb2.Heartbeat(sequence=1))
        for frames in ([beat], [core.hello(), beat], []):
            async with core.dialled() as peer:
                await peer.say(*frames)
                assert (await peer.refused()).code == failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
        await still_welcome(core)

    play(tmp_path, scenario)


def test_garbage_is_refused(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as peer:
            await peer.say_bytes(b"\xff\xff\xff\xff not protobuf")
            assert (await peer.refused()).code == failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME
        async with core.dialled() as peer:
            await welcome(core, peer)
            await peer.say_bytes(b"\x0a\xff")
            assert (await peer.refused()).code == failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME

    play(tmp_path, scenario)


def test_rules_of_a_running_session(tmp_path: Path) -> None:
    breaks = {
        "second_hello": (lambda core: core.hello(), failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME),
        "must_understand": (
            lambda core: Frame(must_understand=True),
            failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD,
        ),
        "pool": (
            lambda core: Frame(credit=lifecycle_pb2.Credit(granted=1)),
            failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME,
        ),
        "manifest": (
            lambda core: Frame(manifest=manifest_pb2.Manifest(digest="other")),
            failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME,
        ),
    }
    for name, (frame, code) in breaks.items():

        async def scenario(core: LaunchedCore, frame: object = frame, code: int = code) -> None:
            async with core.dialled() as peer:
                await welcome(core, peer)
                assert callable(frame)
                await peer.say(frame(core))
                assert (await peer.refused()).code == code

        play(tmp_path / name, scenario)


def test_unknown_frames_and_late_completes_are_ignored(tmp_path: Path) -> None:
    async def scenario(core: LaunchedCore) -> None:
        async with core.dialled() as peer:
            await load(core, peer)
            late = invoke_pb2.Complete(invocation_id=1, lease_token=1, done=invoke_pb2.Done())
            await peer.say(Frame(), Frame(complete=late))
            assert list((await peer.hear("complete_ack")).complete_ack.invocation_ids) == [1]
            await peer.say_bytes(b"\x0a\x04\xf2\x07\x01a")  # a frame with a field that does not exist yet
            await peer.say(Frame(heartbeat=lifecycle_pb2.Heartbeat(sequence=2)))
            await peer.hear("heartbeat_ack")

    play(tmp_path, scenario)
