"""`ctx.run`, `ctx.sleep` and `ctx.wait_for`: what is remembered, how an attempt is suspended, and how it goes on."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2
from tests.fakes.scripted_core import ScriptedCore, event
from tests.integration.sdk_python.conftest import STEP, Play, api, cron, event_step

REFUSED = ("emit", "sleep", "run")
BOTH = pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])


def remembered(**values: object) -> list[invoke_pb2.Remembered]:
    """What an Invoke says of earlier attempts; `_` stands for `:` in keys."""
    return [
        invoke_pb2.Remembered(key=key.replace("_", ":"), value=json.dumps(value).encode())
        for key, value in values.items()
    ]


def emitted(core: ScriptedCore) -> list[str]:
    return [call.emit.topic for call in core.of_kind("call") if call.HasField("emit")]


def notes(core: ScriptedCore) -> list[tuple[str, bytes]]:
    return [(c.remember.key, c.remember.value) for c in core.of_kind("call") if c.HasField("remember")]


@BOTH
def test_run_remembers_and_is_not_run_again(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        import asyncio, datetime
        def charge(): return {{"on": datetime.date(2026, 1, 2), "ids": (1, 2)}}
        async def mail():
            await asyncio.sleep(0)
            return None
        {keyword} handler(input, ctx):
            charged = {wait}ctx.run("charge", charge)
            assert charged == {{"on": "2026-01-02", "ids": [1, 2]}} and charged.on, charged  # as it will be read
            assert ({wait}ctx.run("charge", lambda: 1 / 0)) == charged
            assert ({wait}ctx.run("mail", mail)) is None
            assert ({wait}ctx.run("lambda", lambda: mail())) is None
            {wait}ctx.emit({{"topic": "done"}})
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        assert notes(core) == [
            ("charge", b'{"on":"2026-01-02","ids":[1,2]}'),
            ("mail", b"null"),
            ("lambda", b"null"),
        ]
        core.frames.clear()
        before = {"charge": {"on": "2026-01-02", "ids": [1, 2]}, "mail": None}
        complete = await core.invoke(STEP, remembered=remembered(**before))
        assert complete.HasField("done"), complete
        assert notes(core) == [("lambda", b"null")]
        assert emitted(core) == ["done"]

    play(step, script)


@BOTH
def test_run_that_fails_is_not_remembered(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            tries = []
            def flaky():
                tries.append(1)
                if len(tries) == 1:
                    raise OSError("unreachable")
                return len(tries)
            try:
                {wait}ctx.run("flaky", flaky)
            except OSError:
                assert ({wait}ctx.run("flaky", flaky)) == 2
            {wait}ctx.run("bad", lambda: {{"rows": [object()]}})
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.type == "PayloadError"
        assert failure.message.startswith("the result of run('bad').rows[0] is a object, which cannot be written")
        assert notes(core) == [("flaky", b"2")]

    play(step, script)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("ctx.run('k', 5)", "TypeError: run('k') got a int: give it a function, as in run('k', lambda: …)"),
        ("ctx.run('', print)", "ValueError: key is empty"),
        ("ctx.run(None, print)", "PayloadError: key is None"),
        ("ctx.sleep('soon')", "ValueError: duration is 'soon', which is no duration"),
        ("ctx.sleep(-1)", "ValueError: duration is -1: it must not be negative"),
        ("ctx.wait_for('')", "ValueError: wait_for needs the topic of the event, a text; it got ''"),
        ("ctx.wait_for('t', ['id'])", "ValueError: match is a list: give a dict of what the event's data must have"),
        ("ctx.wait_for('t', {'id': {1j}})", "PayloadError: match.id[0] is a complex"),
        ("ctx.wait_for('t', timeout=0)", "ValueError: timeout is 0: it must be more than 0"),
        ("ctx.sleep(1, key='')", "ValueError: key is empty"),
    ],
)
def test_arguments_that_make_no_sense(play: Play, call: str, says: str) -> None:
    step = event_step(f"""
        async def handler(input, ctx):
            await {call}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert f"{failure.type}: {failure.message}".startswith(says)
        assert not core.of_kind("call")

    play(step, script)


@BOTH
def test_sleep_suspends_and_goes_on(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            ctx.emit({{"topic": "not awaited"}})
            try:
                {wait}ctx.sleep("1m")
                {wait}ctx.sleep(0.5)
                {wait}ctx.sleep(2, key="named")
                assert ({wait}ctx.sleep(2, key="named")) is None  # it is over
            except Exception:
                ctx.logger.info("must not be caught")
            finally:
                ctx.logger.info("finally")
            ctx.logger.info(str(input["n"]))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        seen = []
        for keys in ([], ["sleep_1"], ["sleep_1", "sleep_2"]):
            complete = await core.invoke(STEP, event=event({"n": 7}), remembered=remembered(**dict.fromkeys(keys)))
            assert complete.HasField("suspended"), complete
            seen.append((complete.suspended.key, complete.suspended.sleep_ms))
        assert seen == [("sleep:1", 60_000), ("sleep:2", 500), ("named", 2000)]
        over = remembered(sleep_1=None, sleep_2=None, named=None)
        assert (await core.invoke(STEP, event=event({"n": 7}), remembered=over)).HasField("done")
        await core.until(lambda: len(core.logs) == 5)
        assert [log.message for log in core.logs] == ["finally"] * 4 + ["7"]
        assert emitted(core) == ["not awaited"] * 4

    play(step, script)


@BOTH
def test_wait_for_suspends_and_gets_its_answer(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            answer = {wait}ctx.wait_for("approval", {{"order": {{"id": 7}}}}, timeout="7d")
            {wait}ctx.emit({{"topic": answer.by if answer else "timed out"}})
            {wait}ctx.waitFor("anything")
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        first = (await core.invoke(STEP)).suspended
        wanted = invoke_pb2.WaitFor(topic="approval", match=b'{"order":{"id":7}}', timeout_ms=604_800_000)
        assert first == invoke_pb2.Suspended(key="wait:1", wait_for=wanted)
        for answer in ({"by": "anna"}, None):
            second = (await core.invoke(STEP, remembered=remembered(wait_1=answer))).suspended
            assert second == invoke_pb2.Suspended(key="wait:2", wait_for=invoke_pb2.WaitFor(topic="anything"))
        assert emitted(core) == ["anna", "timed out"]

    play(step, script)


@BOTH
def test_a_cron_step_can_wait_and_remember(play: Play, keyword: str, wait: str) -> None:
    step = cron(f"""
        {keyword} handler(ctx):
            {wait}ctx.run("once", lambda: 1)
            {wait}ctx.sleep(1)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP, cron=invoke_pb2.CronTick(scheduled_unix_ms=1))
        assert complete.suspended.key == "sleep:1"
        assert notes(core) == [("once", b"1")]

    play(step, script)


@BOTH
def test_an_api_step_runs_but_cannot_wait(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        {keyword} handler(req, ctx):
            values = [{wait}ctx.run("n", lambda: (1, 2)), {wait}ctx.run("n", lambda: 5)]
            for suspend in (lambda: ctx.sleep(1), lambda: ctx.wait_for("t")):
                try:
                    {wait}suspend()
                except Exception as error:
                    values.append(f"{{type(error).__name__}}: {{error}}")
            return {{"status": 200, "body": values}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.HasField("http"), complete
        assert json.loads(complete.http.body) == [
            [1, 2],
            [1, 2],
            f"NotSuspendableError: sleep() is not possible in the api step {STEP}: somebody waits for its response. "
            "Emit an event, and call sleep() in the event step that subscribes to it",
            f"NotSuspendableError: wait_for() is not possible in the api step {STEP}: somebody waits for its response. "
            "Emit an event, and call wait_for() in the event step that subscribes to it",
        ]
        assert not core.of_kind("call")

    play(step, script)


@BOTH
def test_a_handler_that_swallows_the_suspension_is_suspended_all_the_same(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            try:
                {wait}ctx.sleep(60)
            except BaseException:
                pass
            for refused in (
                lambda: ctx.emit({{"topic": "no"}}),
                lambda: ctx.sleep(1),
                lambda: ctx.run("no", lambda: ctx.logger.info("ran")),
            ):
                try:
                    {wait}refused()
                except BaseException as error:
                    ctx.logger.info(f"{{type(error).__name__}}: {{error}}")
            raise ValueError("whatever comes of it")
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.suspended == invoke_pb2.Suspended(key="sleep:1", sleep_ms=60_000)
        assert not core.of_kind("call")
        await core.until(lambda: len(core.logs) == 4)
        refused = [f"Suspended: {STEP} waits as 'sleep:1', so {what} is not possible now" for what in REFUSED]
        assert [log.message for log in core.logs[:3]] == refused
        assert core.logs[3].message == "raised while its attempt was being suspended; nothing comes of it"
        assert json.loads(core.logs[3].fields)["error"]["message"] == "whatever comes of it"

    play(step, script)


def test_of_several_waits_the_first_one_counts(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def later(ctx):
            await ctx.sleep(5)
        async def handler(input, ctx):
            await asyncio.gather(ctx.wait_for("a"), asyncio.create_task(later(ctx)), ctx.sleep(9))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "wait:1"
        assert (await core.invoke(STEP, remembered=remembered(wait_1=1))).suspended.key == "sleep:1"

    play(step, script)


def test_a_wait_that_is_not_awaited_suspends(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            ctx.sleep(5)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "sleep:1"
        core.drain()
        assert await core.exit_code() == 0
        assert "never retrieved" not in await core.output()

    play(step, script)


def test_runs_side_by_side_need_keys_of_their_own(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            results = await asyncio.gather(*(ctx.run(f"n{n}", lambda n=n: n) for n in range(3)))
            assert results == [0, 1, 2]
            await asyncio.gather(*(ctx.run("send", lambda n=n: n) for n in range(3)))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.message == "run('send') is still under way: what runs at the same time needs keys of its own"
        assert sorted(notes(core)) == [("n0", b"0"), ("n1", b"1"), ("n2", b"2"), ("send", b"0")]

    play(step, script)


def test_a_run_under_way_ends_and_is_remembered_before_the_attempt_is_suspended(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            gate = asyncio.Event()
            async def work():
                await gate.wait()
                ctx.emit({"topic": "from the run, not awaited"})
                return await ctx.state.get("g", "k")
            task = asyncio.create_task(ctx.run("work", work))
            await asyncio.sleep(0)
            asyncio.get_running_loop().call_later(0.02, gate.set)
            await ctx.sleep(5)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "sleep:1"
        assert notes(core) == [("work", b'"v"')]
        kinds = [kind for message in core.messages for kind in message if kind in ("call", "complete")]
        assert kinds == ["call", "call", "call", "complete"]

    play(step, script, answer=lambda call: b'"v"' if call.HasField("state_get") else b"null")


def test_a_run_that_is_not_awaited_counts(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            ctx.run("not awaited", (lambda: 1) if input else (lambda: 1 / 0))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP, event=event(1))).HasField("done")
        assert notes(core) == [("not awaited", b"1")]
        assert (await core.invoke(STEP, event=event(0))).failure.type == "ZeroDivisionError"

    play(step, script)


def test_a_failed_call_that_nobody_looked_at_fails_a_suspended_attempt(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            ctx.emit({"topic": "lost"})
            await ctx.sleep(5)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert (failure.type, failure.message) == ("CallError", "the disk is full")

    play(step, script, answer=lambda _call: failure_pb2.Failure(message="the disk is full"))


@BOTH
def test_a_result_that_cannot_be_remembered_is_an_error(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            {wait}ctx.run("k", lambda: 1)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).failure.message == "the disk is full"

    play(step, script, answer=lambda _call: failure_pb2.Failure(message="the disk is full"))


def test_a_sleep_within_a_run_suspends_the_step(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            async def work():
                await ctx.sleep(5)
                return "rested"
            await ctx.run("work", work)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "sleep:1"
        assert (await core.invoke(STEP, remembered=remembered(sleep_1=None))).HasField("done")
        assert notes(core) == [("work", b'"rested"')]

    play(step, script)


def test_a_cancelled_attempt_is_not_suspended(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            ctx.emit({"topic": "never answered"})
            await ctx.sleep(5)
        """)

    async def script(core: ScriptedCore) -> None:
        core.answer_calls = False
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.frame("call")
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_TIMEOUT)
        assert (await core.complete(invocation)).failure.kind == failure_pb2.FAILURE_KIND_TIMEOUT

    play(step, script)


def test_suspended_is_sent_again_until_it_is_acknowledged(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            await ctx.sleep(5)
        """)

    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.complete(invocation)
        core.hang_up()
        await core.until(lambda: len(core.of_kind("complete")) == 2)
        assert all(complete.suspended.key == "sleep:1" for complete in core.of_kind("complete"))

    play(step, script)


def test_values_remembered_are_not_shared_between_calls(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            first = await ctx.run("list", lambda: [1])
            first.append(2)
            assert await ctx.run("list", lambda: None) == [1]
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).HasField("done")

    play(step, script)


def test_threads_of_a_sync_handler_share_what_is_remembered(play: Play) -> None:
    step = event_step("""
        from concurrent.futures import ThreadPoolExecutor
        def handler(input, ctx):
            with ThreadPoolExecutor(8) as pool:
                assert list(pool.map(lambda n: ctx.run(f"n{n}", lambda: n), range(20))) == list(range(20))
            assert ctx.run("n7", lambda: None) == 7
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        assert len(notes(core)) == 20

    play(step, script)


def test_the_suspension_passes_through_mixed_chains_of_async_and_sync(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            if input == 1:
                await asyncio.to_thread(ctx.sleep, 5)
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.wait_for(ctx.wait_for("t"), 5))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP, event=event(1))).suspended.key == "sleep:1"
        assert (await core.invoke(STEP, event=event(2))).suspended.key == "wait:1"

    play(step, script)


def test_remember_on_the_wire(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            await ctx.run("k", lambda: 1)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.complete(invocation)
        (call,) = core.of_kind("call")
        assert call == call_pb2.Call(
            call_id=1, invocation_id=invocation, lease_token=7, remember=call_pb2.Remember(key="k", value=b"1")
        )

    play(step, script)
