"""`ctx.run`, `ctx.sleep` and `ctx.waitFor` in Node: what is remembered, how an attempt is suspended, how it goes on."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2
from tests.fakes.scripted_core import ScriptedCore, event
from tests.integration.sdk_node.conftest import STEP, Play, api, cron, event_step

ATOMIC = ", atomic: true"


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


def test_run_remembers_and_is_not_run_again(play: Play) -> None:
    step = event_step("""
        import assert from 'node:assert'
        export const handler = async (input, { run, emit }) => {
          const charged = await run('charge', () => ({ on: new Date(0), ids: [1, undefined] }))
          assert.deepEqual(charged, { on: '1970-01-01T00:00:00.000Z', ids: [1, null] }) // as it will be read
          charged.ids.push('not shared')
          assert.equal((await run('charge', () => assert.fail())).ids.length, 2)
          assert.equal(await run('mail', async () => {}), null)
          assert.equal(await run('big', () => 2n ** 64n), 2n ** 64n)
          await emit({ topic: 'done' })
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        charge = b'{"on":"1970-01-01T00:00:00.000Z","ids":[1,null]}'
        assert notes(core) == [("charge", charge), ("mail", b"null"), ("big", b"18446744073709551616")]
        core.frames.clear()
        complete = await core.invoke(STEP, remembered=remembered(charge=json.loads(charge), mail=None))
        assert complete.HasField("done"), complete
        assert notes(core) == [("big", b"18446744073709551616")]
        assert emitted(core) == ["done"]

    play(step, script)


def test_run_that_fails_is_not_remembered(play: Play) -> None:
    step = event_step("""
        import assert from 'node:assert'
        export const handler = async (input, { run }) => {
          let tries = 0
          const flaky = async () => {
            tries += 1
            if (tries === 1) throw new Error('unreachable')
            return tries
          }
          await assert.rejects(run('flaky', flaky), /unreachable/)
          assert.equal(await run('flaky', flaky), 2)
          await run('bad', () => ({ rows: new Map() }))
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.kind == failure_pb2.FAILURE_KIND_SCHEMA
        assert "result of run('bad') is not JSON: 'rows' is of class Map" in failure.message
        assert notes(core) == [("flaky", b"2")]

    play(step, script)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("run('k', 5)", "run('k') got 5: give it a function, as in run('k', () => …)"),
        ("run('', () => 1)", "the key is empty: give it a name"),
        ("run(null, () => 1)", "the key is null: give a text"),
        ("sleep('soon')", 'duration is "soon", which is no duration: give milliseconds'),
        ("sleep(-1)", "duration is -1: it must not be negative"),
        ("sleep(1, { key: '' })", "the key is empty"),
        ("waitFor('')", 'waitFor needs the topic of the event, a text; it got ""'),
        ("waitFor('t', ['id'])", "match is an array: give an object with what the event's data must have"),
        ("waitFor('t', null, 0)", "timeout is 0: it must be more than 0"),
        ("waitFor('t', { key: 'a' })", "waitFor with { key } can be read in two ways"),
    ],
)
def test_arguments_that_make_no_sense(play: Play, call: str, says: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.type == "TypeError"
        assert failure.message.startswith(says)
        assert not core.of_kind("call")

    play(event_step(f"export const handler = (input, ctx) => ctx.{call}"), script)


def test_sleep_suspends_and_goes_on(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit, sleep, logger }) => {
          emit({ topic: 'not awaited' })
          await sleep('1m')
          await sleep(500)
          await sleep('2s', { key: 'named' })
          await sleep('2s', { key: 'named' }) // it is over
          logger.info(`${input.n}`)
        }""")

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
        await core.until(lambda: len(core.logs) == 1)
        assert core.logs[0].message == "7"
        assert emitted(core) == ["not awaited"] * 4

    play(step, script)


@pytest.mark.parametrize("how", ["match, '7d'", "{ match, timeout: '7d' }"], ids=["positions", "options"])
def test_wait_for_suspends_and_gets_its_answer(play: Play, how: str) -> None:
    step = event_step(f"""
        export const handler = async (input, ctx) => {{
          const match = {{ order: {{ id: 7 }} }}
          const answer = await ctx.waitFor('approval', {how})
          await ctx.emit({{ topic: answer === null ? 'timed out' : answer.by }})
          await ctx.waitFor('anything')
        }}""")

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


def test_a_cron_step_can_wait_and_remember(play: Play) -> None:
    step = cron("""
        export const handler = async ({ run, sleep }) => {
          await run('once', () => 1)
          await sleep(1)
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP, cron=invoke_pb2.CronTick(scheduled_unix_ms=1))
        assert complete.suspended.key == "sleep:1"
        assert notes(core) == [("once", b"1")]

    play(step, script)


def test_an_api_step_runs_but_cannot_wait(play: Play) -> None:
    step = api("""
        export const handler = async (req, { run, sleep, waitFor }) => {
          const values = [await run('n', () => [1, 2]), await run('n', () => 5)]
          for (const suspend of [() => sleep(1), () => waitFor('t')]) {
            await suspend().catch((error) => values.push(`${error.kind}: ${error.message}`))
          }
          return { status: 200, body: values }
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.HasField("http"), complete
        refused = (
            "not_suspendable: {0}() is not possible in the api step " + STEP + ": somebody waits for its response. "
        )
        advice = "Emit an event, and call {0}() in the event step that subscribes to it"
        whys = [(refused + advice).format(name) for name in ("sleep", "waitFor")]
        assert json.loads(complete.http.body) == [[1, 2], [1, 2], *whys]
        assert not core.of_kind("call")

    play(step, script)


def test_what_goes_on_beside_a_wait_is_refused(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit, run, sleep, logger }) => {
          void sleep(60_000)
          for (const refused of [() => emit({ topic: 'no' }), () => run('no', () => logger.info('ran'))]) {
            await refused().catch((error) => logger.info(error.message))
          }
          throw new Error('whatever comes of it')
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.suspended == invoke_pb2.Suspended(key="sleep:1", sleep_ms=60_000)
        await core.until(lambda: len(core.logs) == 3)
        refused = f" is not possible now: {STEP} waits as 'sleep:1', and is started again after that"
        assert [log.message for log in core.logs[:2]] == ["emit" + refused, "run" + refused]
        assert core.logs[2].message == "the handler threw while its attempt was being suspended; nothing comes of it"
        assert json.loads(core.logs[2].fields)["error"]["message"] == "whatever comes of it"
        assert not core.of_kind("call")

    play(step, script)


def test_of_several_waits_the_first_one_counts(play: Play) -> None:
    step = event_step("""
        export const handler = (input, { sleep, waitFor }) => Promise.all([waitFor('a'), sleep(5), sleep(9)])""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "wait:1"
        assert (await core.invoke(STEP, remembered=remembered(wait_1=1))).suspended.key == "sleep:1"

    play(step, script)


def test_runs_side_by_side_need_keys_of_their_own(play: Play) -> None:
    step = event_step("""
        import assert from 'node:assert'
        export const handler = async (input, { run }) => {
          assert.deepEqual(await Promise.all([0, 1, 2].map((n) => run(`n${n}`, () => n))), [0, 1, 2])
          await Promise.all([0, 1].map((n) => run('send', () => n)))
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.message == "run('send') is still under way: what runs at the same time needs keys of its own"
        assert sorted(notes(core)) == [("n0", b"0"), ("n1", b"1"), ("n2", b"2"), ("send", b"0")]

    play(step, script)


def test_a_run_under_way_ends_and_is_remembered_before_the_attempt_is_suspended(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { run, emit, state, sleep }) => {
          void run('work', async () => {
            await new Promise((resolve) => setTimeout(resolve, 20))
            emit({ topic: 'from the run, not awaited' })
            return state.get('g', 'k')
          })
          await sleep(5)
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "sleep:1"
        assert notes(core) == [("work", b'"v"')]
        kinds = [kind for message in core.messages for kind in message if kind in ("call", "complete")]
        assert kinds == ["call", "call", "call", "complete"]

    play(step, script, answer=lambda call: b'"v"' if call.HasField("state_get") else b"null")


def test_a_run_that_is_not_awaited_counts(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { run }) => {
          run('not awaited', () => { if (input === 0) throw new RangeError('zero'); return 1 })
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP, event=event(1))).HasField("done")
        assert notes(core) == [("not awaited", b"1")]
        assert (await core.invoke(STEP, event=event(0))).failure.type == "RangeError"

    play(step, script)


def test_a_result_that_cannot_be_remembered_is_an_error(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { run, sleep }) => {
          if (input === 'awaited') await run('k', () => 1)
          void run('k', () => 1)
          await sleep(5)
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for how in ("awaited", "not awaited, while it is suspended"):
            assert (await core.invoke(STEP, event=event(how))).failure.message == "the disk is full"

    play(step, script, answer=lambda _call: failure_pb2.Failure(message="the disk is full"))


def test_a_sleep_within_a_run_suspends_the_step(play: Play) -> None:
    step = event_step("""
        export const handler = (input, { run, sleep }) =>
          run('work', () => run('inner', async () => { await sleep(5); return 'rested' }))""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).suspended.key == "sleep:1"
        assert (await core.invoke(STEP, remembered=remembered(sleep_1=None))).HasField("done")
        assert notes(core) == [("inner", b'"rested"'), ("work", b'"rested"')]

    play(step, script)


def test_a_cancelled_attempt_is_not_suspended(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit, sleep }) => {
          emit({ topic: 'never answered' })
          await sleep(5)
        }""")

    async def script(core: ScriptedCore) -> None:
        core.answer_calls = False
        await core.load(STEP)
        invocation = core.start(STEP)
        call = (await core.frame("call")).call
        core.cancel(invocation, invoke_pb2.CANCEL_REASON_TIMEOUT)
        core.reply(call, b"null")
        assert (await core.complete(invocation)).failure.kind == failure_pb2.FAILURE_KIND_TIMEOUT

    play(step, script)


def test_suspended_is_sent_again_until_it_is_acknowledged(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.ack_completes = False
        await core.load(STEP)
        await core.invoke(STEP)
        core.hang_up()
        await core.until(lambda: len(core.of_kind("complete")) == 2)
        assert all(complete.suspended.key == "sleep:1" for complete in core.of_kind("complete"))

    play(event_step("export const handler = (input, { sleep }) => sleep(5)"), script)


WRITES = {
    "emit": "emit({ topic: 't' })",
    "stateSet": "state.set('g', 'k', 1)",
    "stateUpdate": "state.update('g', 'k', [{ type: 'remove', path: '' }])",
    "stateCompareAndSet": "state.compareAndSet('g', 'k', 0, 1)",
    "stateDelete": "state.delete('g', 'k')",
    "stateClear": "state.clear('g')",
    "streamSet": "streams.s.set('g', 'k', {})",
    "streamDelete": "streams.s.delete('g', 'k')",
}


@pytest.mark.parametrize("write", WRITES)
def test_a_run_of_an_atomic_step_neither_emits_nor_writes(play: Play, write: str) -> None:
    code = f"""
        export const handler = async (input, {{ run, emit, state, streams }}) => {{
          await run('read', () => state.get('g', 'k'))
          await {WRITES[write]} // outside of run: as ever
          await run('write', async () => {{ await null; await {WRITES[write]} }})
        }}"""

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP, "steps/free.step.js")
        failure = (await core.invoke(STEP)).failure
        assert failure.message.startswith(f"{write} within run() of {STEP}, which is atomic: a later attempt would")
        assert failure.message.endswith("Emit and write outside of run()")
        assert notes(core) == [("read", b"null")]
        assert len(core.of_kind("call")) == 3
        assert (await core.invoke("steps/free.step.js")).HasField("done")

    play({STEP: event_step(code, ATOMIC), "steps/free.step.js": event_step(code)}, script, streams=("s",))


def test_what_is_not_durable_may_be_done_in_a_run_of_an_atomic_step(play: Play) -> None:
    code = """
        export const handler = async (req, { run, emit }) => {
          await run('write', () => emit({ topic: 't' }))
          return { status: 200 }
        }"""

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.status == 200  # there is no later attempt
        assert emitted(core) == ["t"]

    play(api(code, ATOMIC), script)


def test_remember_on_the_wire(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.complete(invocation)
        (call,) = core.of_kind("call")
        assert call == call_pb2.Call(
            call_id=1, invocation_id=invocation, lease_token=7, remember=call_pb2.Remember(key="k", value=b"1")
        )

    play(event_step("export const handler = (input, { run }) => run('k', () => 1)"), script)
