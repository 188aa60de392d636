"""Stopping: one attempt by Cancel, the whole sidecar by Drain, and the core that simply goes away."""

from __future__ import annotations

import asyncio

import pytest

from motia._gen.motia.v1 import failure_pb2, invoke_pb2
from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play, api, event_step

SLOW = event_step("""
    import asyncio
    async def handler(input, ctx):
        await ctx.emit({"topic": "started"})
        try:
            await asyncio.sleep(60)
        finally:
            print("cleaned up:", ctx.signal.cancelled, ctx.signal.reason)
    """)
WATCHFUL = event_step("""
    def handler(input, ctx):
        ctx.emit({"topic": "started"})
        assert ctx.signal.wait(30)
        print("stopping:", ctx.signal.reason)
    """)
DEAF = event_step("""
    import time
    def handler(input, ctx):
        ctx.emit({"topic": "started"})
        time.sleep(60)
    """)


async def started(core: ScriptedCore, step: str = STEP, **fields: object) -> int:
    await core.load(step)
    invocation = core.start(step, **fields)
    await core.frame("call")
    return invocation


@pytest.mark.parametrize("step", [SLOW, WATCHFUL], ids=["async", "sync"])
@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        (
            invoke_pb2.CANCEL_REASON_TIMEOUT,
            failure_pb2.FAILURE_KIND_TIMEOUT,
            "Step execution timed out after 1.5 seconds",
        ),
        (0, failure_pb2.FAILURE_KIND_CANCELLED, "Step execution was cancelled: user"),
        (invoke_pb2.CANCEL_REASON_USER, failure_pb2.FAILURE_KIND_CANCELLED, "Step execution was cancelled: user"),
    ],
)
def test_cancel_ends_the_attempt_with_its_reason(play: Play, step: str, reason: int, kind: int, message: str) -> None:
    async def script(core: ScriptedCore) -> None:
        invocation = await started(core, timeout_ms=1500)
        core.cancel(12345, reason)  # unknown: ignored
        core.cancel(invocation, reason)
        failure = (await core.complete(invocation)).failure
        assert (failure.kind, failure.message) == (kind, message)

    play(step, script)


def test_signal_only_leaves_the_result_alone(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            await ctx.emit({"topic": "started"})
            assert await ctx.signal.wait() is True
            assert await ctx.signal.wait(0.01) is True
            return {"status": 200, "body": ctx.signal.reason}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP, http=invoke_pb2.HttpRequest(method="GET"))
        await core.frame("call")
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_CLIENT_GONE, signal_only=True)
        assert (await core.complete(invocation)).http.body == b"client_gone"

    play(step, script)


def test_a_handler_that_swallows_its_cancellation_still_fails(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            await ctx.emit({"topic": "started"})
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return "all is well"
        """)

    async def script(core: ScriptedCore) -> None:
        invocation = await started(core)
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_TIMEOUT)
        assert (await core.complete(invocation)).failure.kind == failure_pb2.FAILURE_KIND_TIMEOUT

    play(step, script)


def test_cancel_before_the_start_and_in_the_same_message(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.start_and_cancel(STEP, invoke_pb2.CANCEL_REASON_TIMEOUT)
        complete = (await core.frame("complete")).complete
        assert complete.failure.kind == failure_pb2.FAILURE_KIND_TIMEOUT
        core.drain()
        assert await core.exit_code() == 0
        assert len(core.of_kind("complete")) == 1

    play(SLOW, script)


def test_cancel_frees_the_slot_and_others_go_on(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        invocation = await started(core)
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_USER)
        await core.complete(invocation)
        await core.until(lambda: any(credit.granted == 65 for credit in core.of_kind("credit")))

    play(SLOW, script)


def test_drain_lets_handlers_finish_and_exits_with_0(play: Play) -> None:
    step = event_step("""
        import asyncio, atexit
        atexit.register(print, "exit functions run")
        async def handler(input, ctx):
            await ctx.emit({"topic": "started"})
            await asyncio.sleep(0.1)
            await ctx.state.set("g", "k", 1)
            ctx.logger.info("done")
        """)

    async def script(core: ScriptedCore) -> None:
        invocation = await started(core)
        core.drain(grace_ms=10_000)
        late = core.start(STEP)
        assert await core.exit_code() == 0
        assert core.of_kind("complete")[0].invocation_id == invocation
        assert [list(returned.invocation_ids) for returned in core.of_kind("returned")] == [[late]]
        assert core.messages[-1][-1] == "drained"
        assert [log.message for log in core.logs] == ["done"]
        assert max(credit.granted for credit in core.of_kind("credit")) == 64
        assert "exit functions run" in await core.output()

    play(step, script)


def test_drain_waits_for_the_confirmation_of_durable_completes(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP)
        await core.invoke(STEP)
        core.drain(grace_ms=10_000)
        core.send_heartbeat_ack()
        assert not core.of_kind("drained")
        core.acknowledge(1)
        assert await core.exit_code() == 0
        assert core.of_kind("drained")

    play(event_step("async def handler(input, ctx): ..."), script)


def test_drain_cancels_what_does_not_finish(play: Play) -> None:
    files = {STEP: SLOW, "steps/deaf_step.py": DEAF}

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        slow, deaf = core.start(STEP), core.start("steps/deaf_step.py")
        await core.until(lambda: len(core.of_kind("call")) == 2)
        core.drain(grace_ms=50)
        assert await core.exit_code() == 0
        failures = {complete.invocation_id: complete.failure for complete in core.of_kind("complete")}
        assert failures.keys() == {slow, deaf}
        for failure in failures.values():
            assert (failure.kind, failure.message) == (
                failure_pb2.FAILURE_KIND_CANCELLED,
                "Step execution was cancelled: shutdown",
            )
        assert core.messages[-1][-1] == "drained"
        assert "cleaned up: True shutdown" in await core.output()

    play(files, script)


def test_drain_returns_sync_work_that_waits_for_a_thread(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        ids = [core.start(STEP) for _ in range(70)]
        await core.until(lambda: len(core.of_kind("call")) == 64)
        core.drain(grace_ms=10_000)
        returned = list((await core.frame("returned")).returned.invocation_ids)
        assert len(returned) == 6
        for invocation in set(ids) - set(returned):
            core.cancel(invocation, invoke_pb2.CANCEL_REASON_USER)
        assert await core.exit_code() == 0
        assert {complete.invocation_id for complete in core.of_kind("complete")} == set(ids) - set(returned)

    play(WATCHFUL, script)


def test_drain_while_user_code_blocks_the_loop(play: Play) -> None:
    step = event_step("""
        import time
        async def handler(input, ctx):
            ctx.emit({"topic": "started"})
            time.sleep(60)
        """)

    async def script(core: ScriptedCore) -> None:
        await started(core)
        core.drain(grace_ms=50)
        assert await core.exit_code() == 0
        assert core.of_kind("drained")

    play(step, script)


@pytest.mark.parametrize("step", [SLOW, DEAF], ids=["async", "sync"])
def test_the_process_ends_with_its_stdin(play: Play, step: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await started(core)
        core.close_stdin()
        assert await asyncio.wait_for(core.exit_code(), 5) == 1

    play(step, script)


def test_user_code_sees_an_empty_stdin(play: Play) -> None:
    step = api("""
        import subprocess, sys
        async def handler(req, ctx):
            child = subprocess.run(["cat"], capture_output=True, timeout=5)
            return {"status": 200, "body": [sys.stdin.read(), child.stdout.decode()]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b'["",""]'

    play(step, script)
