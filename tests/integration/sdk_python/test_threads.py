"""User code may block, print and flood as it likes: the protocol stays alive."""

from __future__ import annotations

import json

from motia._gen.motia.v1 import invoke_pb2, telemetry_pb2
from tests.fakes.scripted_core import Limits, ScriptedCore, event
from tests.integration.sdk_python.conftest import EVENT, STEP, Play, api, event_step

BLOCKING = (
    EVENT
    + """
import pathlib, time
async def handler(input, ctx):
    ctx.emit({"topic": "started"})
    while not pathlib.Path("go").exists():
        time.sleep(0.005)
    return ctx.signal.reason
"""
)
SYNC = api("""
    def handler(req, ctx):
        ctx.state.set("g", "k", 1)
        return {"status": 200, "body": "from a thread"}
    """)


def test_a_handler_that_blocks_the_loop_stops_nothing_else(play: Play) -> None:
    files = {STEP: BLOCKING, "steps/sync_step.py": SYNC}

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        blocked = core.start(STEP)
        await core.frame("call")
        assert (await core.call_api("steps/sync_step.py")).http.body == b"from a thread"
        beats = core.of_kind("heartbeat")[-1].sequence if core.of_kind("heartbeat") else 0
        await core.frame("heartbeat", lambda frame: frame.heartbeat.sequence > beats + 5)
        lags = [heartbeat.loop_lag_ms for heartbeat in core.of_kind("heartbeat")[-4:]]
        assert lags == sorted(lags)
        assert 0 < lags[0] < lags[-1]
        heartbeat = core.of_kind("heartbeat")[-1]
        assert heartbeat.in_flight == 1
        assert heartbeat.memory_bytes > 10_000_000
        await core.until(lambda: blocked in [i for a in core.of_kind("accepted") for i in a.invocation_ids])
        core.cancel(blocked, invoke_pb2.CANCEL_REASON_USER, signal_only=True)
        (core.root / "go").touch()
        assert (await core.complete(blocked)).HasField("done")

    play(files, script, limits=Limits(heartbeat_interval_ms=30))


def test_heartbeats_are_numbered_and_the_lag_falls_again(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.until(lambda: len(core.of_kind("heartbeat")) >= 4)
        beats = core.of_kind("heartbeat")
        assert [beat.sequence for beat in beats] == list(range(1, len(beats) + 1))
        assert beats[-1].loop_lag_ms < 100
        assert beats[-1].in_flight == 0

    play(SYNC, script, limits=Limits(heartbeat_interval_ms=20))


def test_accepted_is_left_out_when_the_complete_travels_along(play: Play) -> None:
    files = {
        STEP: event_step("async def handler(input, ctx): ..."),
        "steps/wait_step.py": event_step("""
            async def handler(input, ctx):
                await ctx.signal.wait()
            """),
    }

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        core.start_many(STEP, 30)
        await core.until(lambda: len(core.of_kind("complete")) == 30)
        assert not core.of_kind("accepted")
        batches = [message.count("complete") for message in core.messages if "complete" in message]
        assert max(batches) > 5, batches  # they travel together
        waiting = core.start("steps/wait_step.py")
        assert list((await core.frame("accepted")).accepted.invocation_ids) == [waiting]

    play(files, script)


def test_credit_is_cumulative_and_per_pool(play: Play) -> None:
    files = {STEP: event_step("async def handler(input, ctx): ..."), "steps/sync_step.py": SYNC}

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        for _ in range(3):
            await core.invoke(STEP)
        await core.call_api("steps/sync_step.py")
        await core.until(lambda: (1, 8) in {(c.pool, c.granted) for c in core.of_kind("credit")})
        granted = [(credit.pool, credit.granted) for credit in core.of_kind("credit")]
        assert granted[:2] == [(1, 7), (2, 5)]
        assert [total for pool, total in granted if pool == 2] == [5, 6, 7, 8]

    play(files, script, limits=Limits(api_slots=7, background_slots=5))


def test_thousands_of_sync_and_async_invocations(play: Play) -> None:
    step = "{} handler(input, ctx):\n    return input\n"
    files = {STEP: EVENT + step.format("async def"), "steps/b_step.py": EVENT + step.format("def")}

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        for path in files:
            core.start_many(path, 2000)
        await core.until(lambda: len(core.of_kind("complete")) == 4000)
        assert len({complete.invocation_id for complete in core.of_kind("complete")}) == 4000
        assert all(complete.HasField("done") for complete in core.of_kind("complete"))

    play(files, script)


def test_logs(play: Play) -> None:
    step = event_step("""
        class Odd:
            def __init__(self): self.a = 1
        class Nasty:
            def __str__(self): raise RuntimeError("no text")
            __repr__ = __str__
        async def handler(input, ctx):
            log = ctx.logger
            cycle = {}
            cycle["self"] = cycle
            log.debug("filtered")
            log.info("fields", {"n": 1, "ü": "🎉"})
            log.warn("a float", 3.5)
            log.warning("warning", None)
            log.error("an exception", {"error": ValueError("bad")})
            log.error("bare", ValueError("bad"))
            log.info("odd", Odd(), "more", key=float("nan"))
            log.info("cycle", cycle)
            log.info(Nasty(), {"x": Nasty()})
            log.info(12)
            try:
                1 / 0
            except ZeroDivisionError:
                log.exception("caught")
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        await core.until(lambda: bool(core.logs) and core.logs[-1].message == "caught")
        logs = {log.message: json.loads(log.fields) if log.fields else None for log in core.logs}
        assert list(logs) == ["fields", "a float", "warning", "an exception", "bare", "odd", "cycle", "12", "caught"]
        assert logs["fields"] == {"n": 1, "ü": "🎉"}
        assert logs["a float"] == {"data": 3.5}
        assert logs["warning"] == {}
        assert logs["an exception"]["error"]["name"] == "ValueError"
        assert logs["an exception"]["error"]["message"] == "bad"
        assert logs["bare"]["data"]["message"] == "bad"
        assert logs["odd"] == {"data": {"a": 1}, "args": ["more"], "key": "nan"}
        assert logs["cycle"] == {"self": {"self": "…"}}
        assert "handler" in logs["caught"]["error"]["stack"]
        log = core.logs[0]
        assert (log.invocation_id, log.step, log.trace_id) == (1, STEP, "Q7KPD-4821907")
        assert log.level == telemetry_pb2.LOG_LEVEL_INFO
        assert log.time_unix_ms > 1_700_000_000_000
        assert "a log line could not be recorded" in await core.output()

    play(step, script)


def test_log_level_from_the_environment(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            for level in ("debug", "info", "warn", "error"):
                getattr(ctx.logger, level)(level)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.invoke(STEP)
        core.drain()
        await core.exit_code()
        assert [log.message for log in core.logs] == ["warn", "error"]

    play(step, script, env={"LOG_LEVEL": "WARNING"})


def test_a_flood_of_logs_is_dropped_and_counted_and_delays_nothing(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            for n in range(input):
                ctx.logger.info("line", {"n": n, "padding": "x" * 400})
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.read_telemetry.clear()
        assert (await core.invoke(STEP, event=event(30_000))).HasField("done")
        core.read_telemetry.set()
        await core.until(lambda: core.dropped > 0 and len(core.logs) + core.dropped >= 30_000)
        assert len(core.logs) + core.dropped == 30_000
        numbers = [json.loads(log.fields)["n"] for log in core.logs]
        assert numbers == sorted(numbers)

    play(step, script)


def test_prints_go_to_stdout_and_never_disturb(play: Play) -> None:
    step = event_step("""
        import os, sys
        print("at import")
        def handler(input, ctx):
            for n in range(2000):
                print("línea", n)
            os.write(1, b"\\xff\\x00 raw\\n")
            print("to stderr", file=sys.stderr)
            print("\\ud800 half a pair")
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert core.process is not None
        printed = core.process.stdout
        await core.until(lambda: b"\n" in printed)  # line by line, without a flush
        assert printed == b"at import\n"
        assert (await core.invoke(STEP)).HasField("done")
        stdout = (await core.output_bytes())[0]
        lines = stdout.splitlines()[1:]
        assert lines[1999].decode() == "línea 1999"
        assert lines[2000] == b"\xff\x00 raw"
        assert lines[2001] == b"\\ud800 half a pair"

    play(step, script)


def test_processes_that_user_code_starts(play: Play) -> None:
    step = event_step("""
        import multiprocessing, os, subprocess, sys
        def child(queue): queue.put("from the child")
        def handler(input, ctx):
            code = "import os; print('MOTIA_SIDECAR_TOKEN' in os.environ)"
            assert "MOTIA_SIDECAR_TOKEN" not in os.environ
            assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\\n"
            context = multiprocessing.get_context("fork")
            queue = context.SimpleQueue()
            process = context.Process(target=child, args=(queue,))
            process.start()
            assert queue.get() == "from the child"
            process.join(5)
            assert process.exitcode == 0
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        assert (await core.invoke(STEP)).HasField("done")

    play(step, script)
