"""Versions, updates, expiry and listing of state, and the options of emit: what is on the wire, what comes back."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import call_pb2, failure_pb2
from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play, api, event_step

BOTH = pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])


@BOTH
def test_emit_options_on_the_wire(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        import datetime
        {keyword} handler(input, ctx):
            at = datetime.datetime(2030, 1, 31, 9, tzinfo=datetime.timezone.utc)
            once = {{"idempotencyKey": "k", "idempotencyWindow": 60}}
            {wait}ctx.emit({{"topic": "later", "data": 1, "delay": "5m", **once}})
            {wait}ctx.emit({{"topic": "no data", "at": at}})
            {wait}ctx.emit(topic="keywords", data=2, message_group_id="g", priority=-5)
            for wrong in ({{"delay": -1}}, {{"priority": 1000}}, {{"delay": 1, "at": at}}):
                try:
                    {wait}ctx.emit({{"topic": "t", **wrong}})
                except ValueError as error:
                    ctx.logger.info(str(error))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        later, timed, keywords = (call.emit for call in core.of_kind("call"))
        assert later == call_pb2.Emit(
            topic="later", data=b"1", delay_ms=300_000, idempotency_key="k", idempotency_window_ms=60_000
        )
        assert timed == call_pb2.Emit(topic="no data", at_unix_ms=1_896_080_400_000)
        assert keywords == call_pb2.Emit(topic="keywords", data=b"2", message_group_id="g", priority=-5)
        await core.until(lambda: len(core.logs) == 3)
        assert [log.message.split(":")[0] for log in core.logs] == [
            "delay is -1",
            "priority is 1000",
            "emit has both delay and at",
        ]

    play(step, script)


@BOTH
def test_versions(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        {keyword} handler(req, ctx):
            state = ctx.state
            found = {wait}state.get_versioned("g", "k")
            assert found == {wait}state.getVersioned("g", "k") == {{"value": {{"a": 1}}, "version": 7}}
            stored = {wait}state.compare_and_set("g", "k", found["version"], {{"a": 2}}, ttl="2h")
            assert stored == {{"ok": True, "version": 8}} and stored.ok
            assert ({wait}state.compareAndSet("g", 5, 0, None)) == {{"ok": True, "version": 8}}
            for version in (-1, "7", True, None):
                try:
                    {wait}state.compare_and_set("g", "k", version, 1)
                except ValueError as error:
                    assert "expected_version is" in str(error)
                else:
                    raise AssertionError(version)
            return {{"status": 200}}
        """)

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


@BOTH
def test_updates(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        {keyword} handler(req, ctx):
            update = ctx.state.update
            new = {wait}update("g", "k", [{{"type": "increment", "path": "/n"}}])
            assert new.n == 1 and ({wait}update("g", "gone", ({{"type": "remove", "path": ""}},))) is None
            for operations in ([], {{"type": "set"}}, "set", None):
                try:
                    {wait}update("g", "k", operations)
                except ValueError as error:
                    assert "operations must be a list such as" in str(error)
                else:
                    raise AssertionError(operations)
            try:
                {wait}update("g", "wrong", [{{"type": "increment", "path": "/text"}}])
            except Exception as error:
                return {{"status": 200, "body": f"{{type(error).__name__}}: {{error}}"}}
        """)

    def answer(call: call_pb2.Call) -> bytes | failure_pb2.Failure:
        if call.state_update.key == "wrong":
            return failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_SCHEMA, message="/text is not a number")
        return b'{"n":1}' if call.state_update.key == "k" else b"null"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body == b"CallError: /text is not a number", complete
        first, second, _ = (call.state_update for call in core.of_kind("call"))
        assert (first.group_id, first.key) == ("g", "k")
        assert json.loads(first.operations) == [{"type": "increment", "path": "/n"}]
        assert json.loads(second.operations) == [{"type": "remove", "path": ""}]

    play(step, script, answer=answer)


@BOTH
def test_ttl(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        {keyword} handler(req, ctx):
            assert ({wait}ctx.state.set("g", "k", [1], ttl=30)) == [1]
            assert ({wait}ctx.state.set("g", "k", 0, "1d")) == 0
            try:
                {wait}ctx.state.set("g", "k", 1, ttl=0)
            except ValueError as error:
                return {{"status": 200, "body": str(error)}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body == b"ttl is 0: it must be more than 0; leave it out for none", complete
        assert [call.state_set.ttl_ms for call in core.of_kind("call")] == [30_000, 86_400_000]

    play(step, script)


def pages(call: call_pb2.Call) -> bytes:
    """Three entries in two pages, with an empty one between."""
    number = int(call.state_list.cursor or 0)
    entries = [[("a1", 1), ("a2", None)], [], [("a3", {"n": 3})]][number]
    items = [{"key": key, "value": value} for key, value in entries]
    return json.dumps({"items": items, "cursor": str(number + 1) if number < 2 else ""}).encode()


@pytest.mark.parametrize(
    ("keyword", "wait", "each"), [("async def", "await ", "async for"), ("def", "", "for")], ids=["async", "sync"]
)
def test_listing(play: Play, keyword: str, wait: str, each: str) -> None:
    step = api(f"""
        {keyword} handler(req, ctx):
            page = {wait}ctx.state.list("g", "a", limit=2)
            assert page["items"] == [{{"key": "a1", "value": 1}}, {{"key": "a2", "value": None}}] and page.cursor == "1"
            keys = []
            {each} entry in ctx.state.list_all("g", prefix="a"):
                keys.append(entry.key)
            {each} entry in ctx.state.listAll("g"):
                break
            try:
                {wait}ctx.state.list("g", limit=1001)
            except ValueError as error:
                return {{"status": 200, "body": [keys, str(error)]}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.HasField("http"), complete
        text = "limit is 1001: give a whole number from 1 to 1000"
        assert json.loads(complete.http.body) == [["a1", "a2", "a3"], text]
        lists = [(c.state_list.prefix, c.state_list.cursor, c.state_list.limit) for c in core.of_kind("call")]
        assert lists == [("a", "", 2), ("a", "", 1000), ("a", "1", 1000), ("a", "2", 1000), ("", "", 1000)]

    play(step, script, answer=pages)


def test_a_listing_in_async_code_wants_async_for(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            return {"status": 200, "body": [entry for entry in ctx.state.list_all("g")]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.call_api(STEP)).failure
        assert (failure.type, failure.message) == ("TypeError", "list_all() in async code is read with `async for`")

    play(step, script, answer=pages)
