"""Options of emit, and versions, updates, expiry and listing of state in Node: what is on the wire, what comes back."""

from __future__ import annotations

import json

from motia._gen.motia.v1 import call_pb2, failure_pb2
from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_node.conftest import STEP, Play, api, event_step


def test_emit_options_on_the_wire(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { emit, logger }) => {
          const at = new Date('2030-01-31T09:00:00Z')
          await emit({ topic: 'later', data: 1, delay: '5m', idempotencyKey: 'k', idempotencyWindow: 60_000 })
          await emit({ topic: 'no data', at })
          await emit({ topic: 'now', data: 2, messageGroupId: 'g', priority: -5, delay: 0 })
          for (const wrong of [{ delay: -1 }, { priority: 1000 }, { delay: 1, at }]) {
            await emit({ topic: 't', ...wrong }).catch((error) => logger.info(`${error.name}: ${error.message}`))
          }
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        later, timed, now = (call.emit for call in core.of_kind("call"))
        assert later == call_pb2.Emit(
            topic="later", data=b"1", delay_ms=300_000, idempotency_key="k", idempotency_window_ms=60_000
        )
        assert timed == call_pb2.Emit(topic="no data", at_unix_ms=1_896_080_400_000)
        assert now == call_pb2.Emit(topic="now", data=b"2", message_group_id="g", priority=-5, delay_ms=0)
        assert now.HasField("delay_ms")
        assert not timed.HasField("delay_ms")
        await core.until(lambda: len(core.logs) == 3)
        assert [log.message.split(":")[:2] for log in core.logs] == [
            ["TypeError", " delay is -1"],
            ["TypeError", " priority is 1000"],
            ["TypeError", " emit has both delay and at"],
        ]

    play(step, script)


def test_versions(play: Play) -> None:
    step = api("""
        import assert from 'node:assert'
        export const handler = async (req, { state }) => {
          const found = await state.getVersioned('g', 'k')
          assert.deepEqual(found, { value: { a: 1 }, version: 7 })
          const stored = await state.compareAndSet('g', 'k', found.version, { a: 2 }, { ttl: '2h' })
          assert.deepEqual(stored, { ok: true, version: 8 })
          await state.compareAndSet('g', 5, 0, null)
          for (const version of [-1, '7', true, undefined]) {
            await assert.rejects(state.compareAndSet('g', 'k', version, 1), /expectedVersion is/)
          }
          return { status: 200 }
        }""")

    def answer(call: call_pb2.Call) -> bytes:
        return b'{"value":{"a":1},"version":7}' if call.HasField("state_get_versioned") else b'{"ok":true,"version":8}'

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.status == 200, complete
        wanted = [
            call_pb2.StateCompareAndSet(
                group_id="g", key="k", expected_version=7, value=b'{"a":2}', ttl_ms=2 * 60 * 60 * 1000
            ),
            call_pb2.StateCompareAndSet(group_id="g", key="5", value=b"null"),
        ]
        assert [c.state_compare_and_set for c in core.of_kind("call") if c.HasField("state_compare_and_set")] == wanted

    play(step, script, answer=answer)


def test_updates(play: Play) -> None:
    step = api("""
        import assert from 'node:assert'
        export const handler = async (req, { state: { update } }) => {
          assert.deepEqual(await update('g', 'k', [{ type: 'increment', path: '/n' }]), { n: 1 })
          assert.equal(await update('g', 'gone', [{ type: 'remove', path: '' }]), null)
          for (const operations of [[], { type: 'set' }, 'set', null]) {
            await assert.rejects(update('g', 'k', operations), /give an array such as/)
          }
          const error = await update('g', 'wrong', [{ type: 'increment', path: '/text' }]).catch((error) => error)
          return { status: 200, body: `${error.name}: ${error.message}` }
        }""")

    def answer(call: call_pb2.Call) -> bytes | failure_pb2.Failure:
        if call.state_update.key == "wrong":
            return failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_SCHEMA, message="/text is not a number")
        return b'{"n":1}' if call.state_update.key == "k" else b"null"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body == b"MotiaError: /text is not a number", complete
        first, second, _ = (call.state_update for call in core.of_kind("call"))
        assert (first.group_id, first.key) == ("g", "k")
        assert json.loads(first.operations) == [{"type": "increment", "path": "/n"}]
        assert json.loads(second.operations) == [{"type": "remove", "path": ""}]

    play(step, script, answer=answer)


def test_ttl(play: Play) -> None:
    step = api("""
        import assert from 'node:assert'
        export const handler = async (req, { state }) => {
          assert.deepEqual(await state.set('g', 'k', [1], { ttl: 30_000 }), [1])
          await state.set('g', 'k', 0, { ttl: '1d' })
          await state.set('g', 'k', 0)
          const error = await state.set('g', 'k', 1, { ttl: 0 }).catch((error) => error)
          return { status: 200, body: error.message }
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body == b"ttl is 0: it must be more than 0; leave it out for none", complete
        assert [call.state_set.ttl_ms for call in core.of_kind("call")] == [30_000, 86_400_000, 0]

    play(step, script)


def pages(call: call_pb2.Call) -> bytes:
    """Three entries in two pages, with an empty one between."""
    number = int(call.state_list.cursor or 0)
    entries = [[("a1", 1), ("a2", None)], [], [("a3", {"n": 3})]][number]
    items = [{"key": key, "value": value} for key, value in entries]
    return json.dumps({"items": items, "cursor": str(number + 1) if number < 2 else ""}).encode()


def test_listing(play: Play) -> None:
    step = api("""
        import assert from 'node:assert'
        export const handler = async (req, { state }) => {
          const page = await state.list('g', { prefix: 'a', limit: 2 })
          assert.deepEqual(page, { items: [{ key: 'a1', value: 1 }, { key: 'a2', value: null }], cursor: '1' })
          const keys = []
          for await (const { key } of state.listAll('g', { prefix: 'a' })) keys.push(key)
          for await (const entry of state.listAll('g')) break
          const error = await state.list('g', { limit: 1001 }).catch((error) => error)
          return { status: 200, body: [keys, error.message] }
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.HasField("http"), complete
        text = "limit is 1001: give a whole number from 1 to 1000"
        assert json.loads(complete.http.body) == [["a1", "a2", "a3"], text]
        lists = [(c.state_list.prefix, c.state_list.cursor, c.state_list.limit) for c in core.of_kind("call")]
        assert lists == [("a", "", 2), ("a", "", 1000), ("a", "1", 1000), ("a", "2", 1000), ("", "", 1000)]

    play(step, script, answer=pages)


def test_failures_say_whether_and_when_to_try_again(play: Play) -> None:
    step = event_step("""
        import { RetryableError, TerminalError } from 'motia'
        class Declined extends TerminalError {
          code = 'card_declined'
          order = { id: 7n, callback: () => 1 }
        }
        const errors = {
          later: () => new RetryableError('busy', { retryAfter: '30s', cause: new TypeError('no answer') }),
          plain: () => new RetryableError('busy'),
          past: () => new RetryableError('busy', { retryAfter: -5 }),
          never: () => new Declined('no'),
          large: () => Object.assign(new Error(`a${'ü'.repeat(20_000)}z`), { note: 'x'.repeat(20_000) }),
        }
        export const handler = async (input) => { throw errors[input]() }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        later, plain, past, never, large = [
            (await core.invoke(STEP, event={"topic": "t", "data": json.dumps(name).encode()})).failure
            for name in ("later", "plain", "past", "never", "large")
        ]
        assert (later.retry, later.retry_after_ms) == (failure_pb2.RETRY_AFTER, 30_000)
        assert (later.cause.type, later.cause.message) == ("TypeError", "no answer")
        assert (plain.retry, plain.retry_after_ms) == (failure_pb2.RETRY_AFTER, 0)
        assert (past.retry, past.retry_after_ms) == (failure_pb2.RETRY_AFTER, 1)
        assert (never.type, never.retry) == ("Declined", failure_pb2.RETRY_NEVER)
        assert json.loads(never.details) == {"code": "card_declined", "order": {"id": 7}}
        assert f"{STEP}:" in never.stack
        assert large.message.startswith("aü")
        assert large.message.endswith("üz")
        assert (len(large.message.encode()) <= 16 * 1024, large.details) == (True, b"")

    play(step, script)
