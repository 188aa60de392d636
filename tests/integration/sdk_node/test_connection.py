"""Connections of the Node sidecar that break, fall silent or carry nonsense: what is sent again, and what ends it."""

from __future__ import annotations

import asyncio

import pytest

from motia._gen.motia.v1 import failure_pb2, lifecycle_pb2, manifest_pb2
from tests.fakes.scripted_core import TOKEN, Limits, ScriptedCore, core_frame, json_request, welcome
from tests.integration.sdk_node.conftest import STEP, Play, api, event_step

DONE = event_step("export const handler = async () => {}")
OK = api("export const handler = async (req) => ({ status: 200, body: req.body })")
TWO_EMITS = event_step("""
    export const handler = async (input, { emit }) => {
      await emit({ topic: 'first' })
      await emit({ topic: 'second' })
    }""")


async def stderr_of(core: ScriptedCore) -> str:
    return (await core.output_bytes())[1].decode()


async def resumed(core: ScriptedCore, connections: int) -> None:
    """Wait until the sidecar is back and has said everything again: the credits come last."""

    def is_back() -> bool:
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        last = len(kinds) - 1 - kinds[::-1].index("hello")
        return len(core.hellos) == connections and kinds[last:].count("credit") >= 2

    await core.until(is_back)


def completed(core: ScriptedCore) -> list[int]:
    return [complete.invocation_id for complete in core.of_kind("complete")]


@pytest.mark.parametrize(
    ("send", "code", "said"),
    [
        (
            lambda core: core.send_raw(b"\x0a\xff\xff garbage"),
            failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME,
            "no motia.v1.SessionResponse",
        ),
        (
            lambda core: core.send(core_frame(must_understand=True)),
            failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD,
            "upgrade",
        ),
        (
            lambda core: core.send(core_frame(load=manifest_pb2.Load())),
            failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME,
            "second Load",
        ),
        (
            lambda core: core.send(core_frame(welcome=lifecycle_pb2.Welcome())),
            failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME,
            "second Welcome",
        ),
        (lambda core: core.start(STEP, manifest_digest="other"), failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, STEP),
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
        assert await core.exit_code() == 2
        assert said in await stderr_of(core)
        assert core.connections == 1

    play(DONE, script)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (core_frame(welcome=welcome(Limits(revision=9))), failure_pb2.PROTOCOL_ERROR_CODE_REVISION),
        (core_frame(load=manifest_pb2.Load()), failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME),
    ],
    ids=["revision", "no welcome"],
)
def test_a_wrong_answer_to_hello(play: Play, first, code: int) -> None:  # type: ignore[no-untyped-def]
    async def script(core: ScriptedCore) -> None:
        core.on_hello = lambda _hello: [first]
        assert (await core.frame("protocol_error")).protocol_error.code == code
        assert await core.exit_code() == 2

    play(DONE, script)


def test_lost_connection_is_resumed(play: Play) -> None:
    """The call in flight is sent again, the durable Complete is kept, credits and attempts live on."""

    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP, "steps/done.step.js")
        done = core.start("steps/done.step.js")
        await core.complete(done)
        core.answer_calls = False
        running = core.start(STEP)
        first = (await core.frame("call")).call
        await core.frame("accepted", lambda frame: running in frame.accepted.invocation_ids)
        before = len(core.frames)
        core.hang_up()
        await core.until(lambda: len(core.hellos) == 2)
        assert (core.hellos[1].token, core.hellos[1].resume_session_id) == (TOKEN, "session-1")
        await core.until(lambda: len(core.of_kind("credit")) >= 4)
        again = core.frames[before:]
        assert [frame.call for frame in again if frame.WhichOneof("frame") == "call"] == [first]
        completes = [frame.complete for frame in again if frame.WhichOneof("frame") == "complete"]
        assert [complete.invocation_id for complete in completes] == [done]
        assert [list(f.accepted.invocation_ids) for f in again if f.WhichOneof("frame") == "accepted"] == [[running]]

        core.resend(done, "steps/done.step.js")  # ignored: it was completed
        core.resend(running, STEP)  # ignored: it runs
        core.reply(first, b"null")
        await core.frame("call", lambda frame: frame.call.emit.topic == "second")
        core.reply(core.of_kind("call")[-1], b"null")
        await core.complete(running)
        core.acknowledge(done, running)
        core.drain()
        assert await core.exit_code() == 0
        assert [call.emit.topic for call in core.of_kind("call")] == ["first", "first", "second"]

    play({STEP: TWO_EMITS, "steps/done.step.js": DONE}, script)


@pytest.mark.parametrize("limits", [Limits(), Limits(resume_window_ms=0)], ids=["refused", "no window"])
def test_what_cannot_be_resumed_ends_the_process(play: Play, limits: Limits) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.invoke(STEP)
        core.on_hello = lambda _hello: [core_frame(welcome=welcome(core.limits, False))]
        core.hang_up()
        assert await asyncio.wait_for(core.exit_code(), 10) == 1

    play(DONE, script, limits=limits)


def test_completions_that_may_be_lost_are_sent_again(play: Play) -> None:
    """Of api steps nothing is acknowledged: what was sent since the last heartbeat that came back may be lost."""

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        known = core.start(STEP, http=json_request({"n": 1}))
        await core.complete(known)
        beats = len(core.of_kind("heartbeat"))
        await core.until(lambda: len(core.of_kind("heartbeat")) >= beats + 3)
        core.ack_heartbeats = False
        doubtful = core.start(STEP, http=json_request({"n": 2}))
        await core.complete(doubtful)
        core.hang_up()
        core.ack_heartbeats = True
        await resumed(core, 2)
        assert completed(core) == [known, doubtful, doubtful]
        assert core.of_kind("complete")[1] == core.of_kind("complete")[2]
        core.resend(doubtful, STEP)  # as a core does that has not read it: the answer is on its way
        assert (await core.invoke(STEP, http=json_request({"n": 3}))).http.body == b'{"n":3}'
        assert completed(core).count(doubtful) == 2

    play(OK, script, limits=Limits(heartbeat_interval_ms=50))


def test_a_handler_goes_on_while_the_connection_is_away(play: Play) -> None:
    step = event_step("""
        import { existsSync } from 'node:fs'
        export const handler = async (input, { emit }) => {
          await emit({ topic: 'started' })
          while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5))
          await emit({ topic: 'while away' })
        }""")

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


def test_a_connection_lost_while_loading_is_resumed(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.ack_loading = False
        await core.send_load(STEP, "steps/b.step.js")
        await core.frame("loading")
        core.hang_up()
        await core.until(lambda: len(core.of_kind("loading")) == 2)
        assert {loading.path for loading in core.of_kind("loading")} == {STEP}
        core.ack_loading = True
        core.send(core_frame(loading_ack=manifest_pb2.LoadingAck(path=STEP)))
        manifest = (await core.frame("manifest")).manifest
        assert [step.path for step in manifest.steps] == [STEP, "steps/b.step.js"]
        assert (await core.invoke(STEP)).HasField("done")

    play({STEP: DONE, "steps/b.step.js": DONE}, script)


def test_a_connection_lost_while_a_file_is_imported_is_resumed(play: Play) -> None:
    slow = """
        import { existsSync, writeFileSync } from 'node:fs'
        writeFileSync('importing', '')
        while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5))
        export const handler = async () => {}"""

    async def script(core: ScriptedCore) -> None:
        await core.send_load(STEP)
        await core.frame("loading")
        while not (core.root / "importing").exists():
            await asyncio.sleep(0.01)
        core.refuse_hellos = 1
        core.hang_up()
        await core.until(lambda: len(core.hellos) == 2)
        (core.root / "go").touch()
        assert len((await core.frame("manifest")).manifest.steps) == 1
        assert (await core.invoke(STEP)).HasField("done")

    play(event_step(slow), script)


def test_a_manifest_that_may_be_lost_is_sent_again(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.send_load(STEP)
        core.send_project = lambda *_: None  # type: ignore[method-assign]
        await core.frame("manifest")
        core.hang_up()
        await core.until(lambda: len(core.of_kind("manifest")) == 2)
        del core.send_project
        core.send_project()
        assert (await core.invoke(STEP)).HasField("done")
        core.hang_up()
        await resumed(core, 3)
        assert len(core.of_kind("manifest")) == 2

    play(DONE, script)


def test_a_core_that_falls_silent_is_dialled_again(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.ack_heartbeats = False
        await core.until(lambda: len(core.hellos) == 2)
        core.ack_heartbeats = True
        assert (await core.invoke(STEP)).HasField("done")

    play(DONE, script, limits=Limits(heartbeat_interval_ms=20))


def test_messages_are_split_at_the_cores_limit(play: Play) -> None:
    step = api("export const handler = async () => ({ status: 200, body: 'x'.repeat(3000) })")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for _ in range(40):
            core.start(STEP, http=json_request())
        await core.until(lambda: len(core.of_kind("complete")) == 40)
        core.ack_heartbeats = False
        core.hang_up()
        await core.until(lambda: len(core.of_kind("complete")) == 80)
        assert max(core.message_bytes) < 10_000

    play(step, script, limits=Limits(max_message_bytes=10_000))


def test_drain_waits_for_the_confirmation_of_durable_completes(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.complete(invocation)
        core.drain()
        core.start(STEP)
        await core.frame("returned")  # it has read Drain
        assert core.of_kind("drained") == []
        core.acknowledge(invocation)
        await core.frame("drained")
        assert await core.exit_code() == 0

    play(DONE, script)
