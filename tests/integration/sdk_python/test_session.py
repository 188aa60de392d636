"""Handshake, refusals, garbage, and connections that are lost and resumed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from motia._gen.motia.v1 import failure_pb2, lifecycle_pb2, manifest_pb2
from tests.fakes.scripted_core import DIGEST, SDK, TOKEN, Limits, ScriptedCore, core_frame, json_request, welcome
from tests.integration.sdk_python.conftest import STEP, Play, api, event_step

STEP_TEXT = event_step("async def handler(input, ctx): ...")
TWO_EMITS = event_step("""
    async def handler(input, ctx):
        await ctx.emit({"topic": "first"})
        await ctx.emit({"topic": "second"})
    """)


async def stderr_of(core: ScriptedCore) -> str:
    return (await core.output_bytes())[1].decode()


def test_handshake(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        (hello,) = core.hellos
        assert core.process is not None
        assert (hello.token, hello.language, hello.pid) == (TOKEN, "python", core.process.pid)
        assert (list(hello.revisions), hello.sdk_name) == ([1, 2], "motia-python")
        assert hello.language_version.startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
        assert core.messages[0] == ["hello"]
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        assert kinds[1:3] == ["credit", "credit"]
        assert (await core.frame("manifest")).manifest.digest == DIGEST

    play(STEP_TEXT, script)


def test_the_token_is_gone_before_user_code_runs(play: Play) -> None:
    step = api("""
        import os
        AT_IMPORT = os.environ.get("MOTIA_SIDECAR_TOKEN")
        async def handler(req, ctx):
            return {"status": 200, "body": [AT_IMPORT, os.getenv("MOTIA_SIDECAR_TOKEN")]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"[null,null]"

    play(step, script)


def test_a_refusal_is_shown_and_ends_the_process(play: Play) -> None:
    message = "the core speaks revisions 2 to 3, this sidecar 1: upgrade the package motia"

    async def script(core: ScriptedCore) -> None:
        error = failure_pb2.ProtocolError(code=failure_pb2.PROTOCOL_ERROR_CODE_REVISION, message=message)
        core.on_hello = lambda _hello: [core_frame(protocol_error=error)]
        assert await core.exit_code() == 3
        assert message in await stderr_of(core)
        assert core.connections == 1

    play(STEP_TEXT, script)


@pytest.mark.parametrize(
    ("send", "code", "said"),
    [
        (
            lambda core: core.send_raw(b"\x0a\xff\xff garbage"),
            failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME,
            "not valid protobuf",
        ),
        (
            lambda core: core.send(core_frame(must_understand=True)),
            failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD,
            "upgrade",
        ),
        (
            lambda core: core.send(core_frame(load=manifest_pb2.Load())),
            failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME,
            "second load",
        ),
        (
            lambda core: core.send(core_frame(welcome=lifecycle_pb2.Welcome())),
            failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME,
            "second welcome",
        ),
        (lambda core: core.start(STEP, manifest_digest="other"), failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, "'other'"),
    ],
    ids=["garbage", "must understand", "second load", "second welcome", "digest"],
)
def test_a_broken_rule_ends_the_session(play: Play, send, code: int, said: str) -> None:  # type: ignore[no-untyped-def]
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        send(core)
        error = (await core.frame("protocol_error")).protocol_error
        assert error.code == code
        assert said in error.message
        assert "\n" not in error.message
        assert await core.exit_code() == 3
        assert said in await stderr_of(core)
        assert core.connections == 1

    play(STEP_TEXT, script)


def test_a_wrong_first_frame_and_a_wrong_revision(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.on_hello = lambda _hello: [core_frame(welcome=welcome(Limits(revision=9)))]
        error = (await core.frame("protocol_error")).protocol_error
        assert error.code == failure_pb2.PROTOCOL_ERROR_CODE_REVISION
        assert await core.exit_code() == 3

    play(STEP_TEXT, script)


def test_unknown_frames_and_fields_are_ignored(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        unknown_frame = b"\xfa\x01\x03abc"  # field 31, length-delimited
        core.send_raw(b"\x0a" + bytes([len(unknown_frame)]) + unknown_frame)
        core.send_raw(b"")
        core.send(core_frame())
        assert (await core.invoke(STEP)).HasField("done")

    play(STEP_TEXT, script)


@pytest.mark.parametrize("environment", [{}, {"MOTIA_SIDECAR_ADDRESS": "unix:///nowhere/core.sock"}])
def test_without_a_core_the_process_says_so(environment: dict[str, str]) -> None:
    env = {**os.environ, "PYTHONPATH": str(SDK), **environment}
    result = subprocess.run(
        [sys.executable, "-m", "motia"], env=env, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
    )
    expected = (1, "the core is gone") if environment else (2, "motia-core serve")
    assert result.returncode == expected[0]
    assert expected[1] in result.stderr
    assert "Traceback" not in result.stderr


def test_a_lost_connection_is_resumed(play: Play) -> None:
    """The call in flight is sent again, the durable Complete is kept, credits and attempts live on."""

    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP, "steps/done_step.py")
        done = core.start("steps/done_step.py")
        await core.complete(done)
        core.answer_calls = False
        running = core.start(STEP)
        first = (await core.frame("call")).call
        await core.frame("accepted", lambda frame: running in frame.accepted.invocation_ids)
        before = len(core.frames)
        core.hang_up()
        await core.until(lambda: len(core.hellos) == 2)
        assert (core.hellos[1].token, core.hellos[1].resume_session_id) == (TOKEN, "session-1")
        await core.until(lambda: len(core.of_kind("complete")) == 2 and len(core.of_kind("credit")) >= 4)
        again = core.frames[before:]
        kinds = [frame.WhichOneof("frame") for frame in again if frame.WhichOneof("frame") != "hello"]
        assert sorted(kinds[:5]) == ["accepted", "call", "complete", "credit", "credit"]
        assert next(f.call for f in again if f.WhichOneof("frame") == "call") == first
        assert next(f.complete for f in again if f.WhichOneof("frame") == "complete").invocation_id == done
        assert next(f.accepted for f in again if f.WhichOneof("frame") == "accepted").invocation_ids == [running]

        core.resend(done, "steps/done_step.py")  # ignored: it was completed
        core.resend(running, STEP)  # ignored: it runs
        core.reply(first, b"null")
        await core.frame("call", lambda frame: frame.call.emit.topic == "second")
        core.reply(core.of_kind("call")[-1], b"null")
        await core.complete(running)
        core.acknowledge(done, running)
        core.drain()
        assert await core.exit_code() == 0
        topics = [call.emit.topic for call in core.of_kind("call")]
        assert topics == ["first", "first", "second"]

    play({STEP: TWO_EMITS, "steps/done_step.py": STEP_TEXT}, script)


def test_a_handler_goes_on_while_the_connection_is_away(play: Play) -> None:
    step = event_step("""
        import asyncio, pathlib
        async def handler(input, ctx):
            await ctx.emit({"topic": "started"})
            while not pathlib.Path("go").exists():
                await asyncio.sleep(0.005)
            await ctx.emit({"topic": "while away"})
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.frame("call")
        core.refuse_hellos = 2
        core.hang_up()
        await core.until(lambda: len(core.hellos) == 2)
        (core.root / "go").touch()
        assert (await core.complete(invocation)).HasField("done")
        assert [call.emit.topic for call in core.of_kind("call")] == ["started", "while away"]
        assert len(core.hellos) == 4

    play(step, script)


@pytest.mark.parametrize(
    ("limits", "resumed", "said"), [(Limits(resume_window_ms=0), True, "core is gone"), (Limits(), False, "forgotten")]
)
def test_what_cannot_be_resumed_ends_the_process(play: Play, limits: Limits, resumed: bool, said: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.invoke(STEP)
        core.on_hello = lambda _hello: [core_frame(welcome=welcome(core.limits, resumed))]
        core.hang_up()
        assert await asyncio.wait_for(core.exit_code(), 10) in (1, 3)
        assert said in await stderr_of(core)

    play(STEP_TEXT, script, limits=limits)


def test_messages_are_split_at_the_cores_limit(play: Play) -> None:
    step = api("async def handler(req, ctx): return {'status': 200, 'body': 'x' * 3000}")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for _ in range(40):
            core.start(STEP, http=json_request())
        await core.until(lambda: len(core.of_kind("complete")) == 40)
        assert max(core.message_bytes) < 10_000

    play(step, script, limits=Limits(max_message_bytes=10_000))
