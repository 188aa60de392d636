"""The Node sidecar against a scripted core: handshake, refusals, resume, cancel, drain."""

from __future__ import annotations

import asyncio

from motia._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2, sidecar_pb2
from tests.fakes.scripted_core import TOKEN, Limits, ScriptedCore, core_frame, json_request
from tests.integration.sdk_node.conftest import STEP, Play, api, event_step

DONE = event_step("export const handler = async () => {}")
TWO_EMITS = event_step("""
    export const handler = async (input, { emit }) => {
      await emit({ topic: 'first' })
      await emit({ topic: 'second' })
    }""")
WAITING = event_step("""
    export const handler = async (input, { emit, signal }) => {
      await emit({ topic: 'started' })
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      console.log('stopping:', signal.reason.message)
    }""")


async def stderr_of(core: ScriptedCore) -> str:
    return (await core.output_bytes())[1].decode()


def test_handshake_and_credit(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        (hello,) = core.hellos
        assert core.process is not None
        assert (hello.token, hello.language, hello.pid) == (TOKEN, "node", core.process.pid)
        assert core.messages[0] == ["hello"]
        await core.until(lambda: len(core.of_kind("credit")) == 2)
        assert sorted((credit.pool, credit.granted) for credit in core.of_kind("credit")) == [(1, 64), (2, 64)]
        await core.invoke(STEP)
        await core.until(lambda: any(credit.granted == 65 for credit in core.of_kind("credit")))

    play(DONE, script)


def test_token_is_gone_before_user_code_runs(play: Play) -> None:
    step = api("""
        const token = () => process.env.MOTIA_SIDECAR_TOKEN ?? null
        const atImport = token()
        export const handler = async () => ({ status: 200, body: [atImport, token()] })""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"[null,null]"

    play(step, script)


def test_frames_of_a_tick_travel_as_one_message_and_accepted_is_left_out(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.until(lambda: len(core.of_kind("credit")) == 2)
        before = len(core.messages)
        core.start_many(STEP, 50)
        await core.until(lambda: len(core.of_kind("complete")) == 50)
        assert len(core.messages) - before <= 10
        assert core.of_kind("accepted") == []

    play(DONE, script)


def test_refusal_is_shown_and_ends_the_process(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.frame("hello")
        error = failure_pb2.ProtocolError(code=failure_pb2.PROTOCOL_ERROR_CODE_REVISION, message="upgrade the SDK")
        core.send(core_frame(protocol_error=error))
        assert await core.exit_code() == 2
        assert "upgrade the SDK" in await stderr_of(core)

    play(DONE, script)


def test_unknown_frames_are_ignored_unless_they_must_be_understood(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.send(sidecar_pb2.CoreFrame())
        await core.invoke(STEP)
        core.send(sidecar_pb2.CoreFrame(must_understand=True))
        error = (await core.frame("protocol_error")).protocol_error
        assert error.code == failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD
        assert await core.exit_code() == 2

    play(DONE, script)


def test_invoke_of_another_manifest_is_refused(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.start(STEP, manifest_digest="other")
        error = (await core.frame("protocol_error")).protocol_error
        assert error.code == failure_pb2.PROTOCOL_ERROR_CODE_DIGEST

    play(DONE, script)


def test_unknown_step_is_a_load_error(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke("steps/unknown.step.ts")).failure
        assert failure.kind == failure_pb2.FAILURE_KIND_LOAD_ERROR
        assert "steps/unknown.step.ts" in failure.message
        assert failure.retry == failure_pb2.RETRY_UNSPECIFIED

    play(DONE, script)


def test_cancel_ends_the_attempt_and_fires_its_signal(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP, timeout_ms=1500)
        await core.frame("call")
        core.cancel(12345, invoke_pb2.CANCEL_REASON_USER)  # unknown: ignored
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_TIMEOUT)
        failure = (await core.complete(invocation)).failure
        assert failure.kind == failure_pb2.FAILURE_KIND_TIMEOUT
        assert failure.message == "Step execution timed out after 1.5 seconds"
        core.drain()
        assert await core.exit_code() == 0
        assert "stopping: Step execution timed out" in (await core.output_bytes())[0].decode()

    play(WAITING, script)


def test_signal_only_leaves_the_result_alone(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.frame("call")
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_CLIENT_GONE, signal_only=True)
        assert (await core.complete(invocation)).WhichOneof("outcome") == "done"

    play(WAITING, script)


def test_drain_finishes_what_runs_and_returns_the_rest(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit }) => {
          await emit({ topic: 'started' })
          await new Promise((resolve) => setTimeout(resolve, 300))
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        running = core.start(STEP)
        await core.frame("call")
        core.drain()
        late = core.start(STEP)
        assert list((await core.frame("returned")).returned.invocation_ids) == [late]
        assert (await core.complete(running)).WhichOneof("outcome") == "done"
        await core.frame("drained")
        assert await core.exit_code() == 0

    play(step, script)


def test_drain_cancels_what_does_not_finish(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        running = core.start(STEP)
        await core.frame("call")
        core.drain(grace_ms=200)
        assert (await core.complete(running)).failure.kind == failure_pb2.FAILURE_KIND_CANCELLED
        assert await core.exit_code() == 0

    play(
        event_step("export const handler = (i, { emit }) => { emit({ topic: 's' }); return new Promise(() => {}) }"),
        script,
    )


def test_process_ends_with_its_stdin(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.close_stdin()
        assert await asyncio.wait_for(core.exit_code(), 5) == 1

    play(DONE, script)


def test_payload_over_the_limit_fails_clearly(play: Play) -> None:
    step = api("""
        export const handler = async (req, { emit }) => {
          if (req.body.emit) await emit({ topic: 't', data: 'x'.repeat(2000) })
          return { status: 200, body: 'x'.repeat(2000) }
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for body, what in (({"emit": True}, "payload of emit"), ({}, "response body")):
            invocation = core.start(STEP, http=json_request(body))
            failure = (await core.complete(invocation)).failure
            assert failure.kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE
            assert what in failure.message

    play(step, script, limits=Limits(max_payload_bytes=1000))


def test_failed_call_rejects_with_the_cores_words(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { state }) => {
          try {
            await state.get('g', 'k')
          } catch (error) {
            console.log(`caught ${error.name} ${error.kind}: ${error.message}`)
          }
        }""")

    async def script(core: ScriptedCore) -> None:
        core.answer = lambda _call: failure_pb2.Failure(type="StoreFullError", message="the disk is full")
        await core.load(STEP)
        assert (await core.invoke(STEP)).WhichOneof("outcome") == "done"
        core.drain()
        assert await core.exit_code() == 0
        assert b"caught MotiaError StoreFullError: the disk is full" in (await core.output_bytes())[0]

    play(step, script)


def test_heartbeats_tell_of_a_blocked_loop(play: Play) -> None:
    step = event_step("export const handler = async () => { for (const end = Date.now() + 600; Date.now() < end; ); }")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.invoke(STEP)
        beat = await core.frame("heartbeat", lambda frame: frame.heartbeat.loop_lag_ms > 300)
        assert beat.heartbeat.memory_bytes > 10_000_000

    play(step, script, limits=Limits(heartbeat_interval_ms=100))


def test_slots_are_those_of_the_welcome(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.until(lambda: len(core.of_kind("credit")) == 2)
        granted = {credit.pool: credit.granted for credit in core.of_kind("credit")}
        assert granted == {lifecycle_pb2.POOL_API: 3, lifecycle_pb2.POOL_BACKGROUND: 1}

    play(DONE, script, limits=Limits(api_slots=3, background_slots=1))


def test_failed_call_that_nobody_looked_at_fails_the_attempt(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit, state }) => {
          if (input.handled) state.get('g', 'k').catch(() => {})
          else emit({ topic: 't' })
        }""")

    async def script(core: ScriptedCore) -> None:
        core.answer = lambda _call: failure_pb2.Failure(type="StoreFullError", message="the disk is full")
        await core.load(STEP)
        unnoticed = core.start(STEP, event=invoke_pb2.EventInput(topic="t", data=b"{}"))
        assert (await core.complete(unnoticed)).failure.message == "the disk is full"
        handled = core.start(STEP, event=invoke_pb2.EventInput(topic="t", data=b'{"handled":true}'))
        assert (await core.complete(handled)).WhichOneof("outcome") == "done"

    play(step, script)


def test_cancelled_attempt_completes_after_its_calls_are_answered(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, ctx) => {
          const { emit, state, logger, traceId } = { ...ctx }
          logger.info(traceId)
          await emit({ topic: 'started' })
          await state.get('never', 'asked')
        }""")

    async def script(core: ScriptedCore) -> None:
        core.answer_calls = False
        await core.load(STEP)
        invocation = core.start(STEP)
        call = (await core.frame("call")).call
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_USER)
        core.send_heartbeat_ack(1)
        await asyncio.sleep(0.1)
        assert core.of_kind("complete") == []
        core.reply(call, b"null")
        assert (await core.complete(invocation)).failure.kind == failure_pb2.FAILURE_KIND_CANCELLED
        assert len(core.of_kind("call")) == 1

    play(step, script)
