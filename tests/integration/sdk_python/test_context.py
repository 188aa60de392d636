"""Context calls: what is sent, what comes back, and what happens around the end of an invocation."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import call_pb2, failure_pb2
from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play, api, event_step


def refuse(call: call_pb2.Call) -> failure_pb2.Failure:
    return failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_INTERNAL, type="DiskFull", message="the disk is full")


@pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])
def test_emit_forms(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        import datetime, decimal, uuid, dataclasses
        @dataclasses.dataclass
        class Point:
            x: int
        {keyword} handler(input, ctx):
            data = {{"at": datetime.date(2026, 1, 2), "p": Point(1)}}
            answer = {wait}ctx.emit({{"topic": "like:post", "data": data, "messageGroupId": 7}})
            assert answer is None
            {wait}ctx.emit({{"topic": "no-data", "more": 1}})
            {wait}ctx.emit({{"topic": "null", "data": None}})
            assert {wait}ctx.emit("positional", {{"a": 1}}) is None
            {wait}ctx.emit({{"type": "no topic", "data": 1}})
            {wait}ctx.emit(topic="keyword", data=2)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        emits = [(e.topic, e.data, e.message_group_id) for e in (call.emit for call in core.of_kind("call"))]
        assert emits == [
            ("like:post", b'{"at":"2026-01-02","p":{"x":1}}', "7"),
            ("no-data", b"", ""),
            ("null", b"null", ""),
            ("", b"", ""),
            ("", b"1", ""),
            ("keyword", b"2", ""),
        ]

    play(step, script)


@pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])
def test_state_return_shapes(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        import json
        from motia import MISSING
        {keyword} handler(req, ctx):
            state = ctx.state
            found = {wait}state.get("orders", "object")
            assert found == {{"a": {{"b": 1}}}} and found.a.b == 1 and isinstance(found, dict)
            assert found["data"] is found and found.get("data") is found and found.get("data", 1) is found
            assert found.get("nope", 5) == 5 and json.loads(json.dumps(found)) == found and "data" not in found
            has_data = {wait}state.get("orders", "has data")
            assert has_data["data"] == 1 == has_data.get("data")
            missing = {wait}state.get("orders", "missing")
            assert not missing and missing == None and missing is MISSING
            assert missing["data"] is None and missing.get("data", missing) is None and missing.get("x", 3) == 3
            assert (missing or []) == [] and missing.data is None and dict(missing) == {{}}
            assert ({wait}state.get("orders", "scalar")) == 0
            value = {{"n": 10**30}}
            assert ({wait}state.set("orders", 5, value)) is value
            assert ({wait}state.set("orders", "none", None)) is None
            assert ({wait}state.delete("orders", "object")).a.b == 1
            assert ({wait}state.delete("orders", "missing")) is None
            assert ({wait}state.get_group("orders")) == ({wait}state.getGroup("orders")) == [1, {{"x": 2}}]
            assert ({wait}state.clear("orders", "extra")) is None
            return {{"status": 200, "body": {{"missing": missing}}}}
        """)
    stored = {"object": b'{"a":{"b":1}}', "has data": b'{"data":1}', "scalar": b"0"}

    def answer(call: call_pb2.Call) -> bytes:
        if call.HasField("state_get_group"):
            return b'[1,{"x":2}]'
        operation = getattr(call, call.WhichOneof("operation"))
        assert operation.group_id == "orders"
        return stored.get(getattr(operation, "key", ""), b"null")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body == b'{"missing":null}', complete
        sets = [(c.state_set.key, c.state_set.value) for c in core.of_kind("call") if c.HasField("state_set")]
        assert sets == [("5", b'{"n":1000000000000000000000000000000}'), ("none", b"null")]
        assert all(call.lease_token == 7 and call.invocation_id == 1 for call in core.of_kind("call"))

    play(step, script, answer=answer)


@pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])
def test_streams(play: Play, keyword: str, wait: str) -> None:
    step = event_step(f"""
        {keyword} handler(input, ctx):
            chat = ctx.streams.chat
            assert "chat" in ctx.streams and "other" not in ctx.streams and list(ctx.streams) == ["chat"]
            assert ctx.streams.get("other") is None
            for lookup in (lambda: ctx.streams.other, lambda: ctx.streams["other"]):
                try:
                    lookup()
                except (AttributeError, KeyError) as error:
                    assert "it has: chat" in str(error)
                else:
                    raise AssertionError("a stream was made up")
            item = {wait}chat.set("room", "1", {{"text": "hi"}})
            assert item.id == "1" and item["text"] == "hi"
            assert ({wait}ctx.streams["chat"].get("room", "none")) is None
            assert ({wait}chat.delete("room", "none")) is None
            assert ({wait}chat.getGroup("room")) == ({wait}chat.get_group("room")) == [{{"id": "1"}}]
            {wait}chat.send({{"groupId": "room"}}, {{"type": "typing", "data": None}})
            {wait}chat.send({{"groupId": "room", "id": "1"}}, {{"type": "seen"}})
        """)

    def answer(call: call_pb2.Call) -> bytes:
        if call.HasField("stream_set"):
            return json.dumps({**json.loads(call.stream_set.data), "id": call.stream_set.id}).encode()
        return b'[{"id":"1"}]' if call.HasField("stream_get_group") else b"null"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP)
        assert complete.HasField("done"), complete
        sends = [c.stream_send for c in core.of_kind("call") if c.HasField("stream_send")]
        assert [(s.stream, s.group_id, s.id, s.type, s.data) for s in sends] == [
            ("chat", "room", "", "typing", b"null"),
            ("chat", "room", "1", "seen", b""),
        ]

    play(step, script, answer=answer, streams=("chat",))


def test_project_may_change_the_streams(play: Play) -> None:
    step = api("async def handler(req, ctx): return {'status': 200, 'body': list(ctx.streams)}")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"[]"
        core.send_project("b", "a")
        assert (await core.call_api(STEP)).http.body == b'["a","b"]'

    play(step, script)


def test_calls_that_are_not_awaited_are_flushed_before_complete(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            ctx.emit({"topic": "a"})
            ctx.state.set("g", "k", 1)
        """)

    async def script(core: ScriptedCore) -> None:
        core.answer_calls = False
        await core.load(STEP)
        invocation = core.start(STEP)
        await core.until(lambda: len(core.of_kind("call")) == 2)
        core.send_heartbeat_ack()  # something else arrives and changes nothing
        assert not core.of_kind("complete")
        for call in core.of_kind("call"):
            core.reply(call, b"null")
        assert (await core.complete(invocation)).HasField("done")

    play(step, script)


def test_a_failed_call_that_nobody_looked_at_fails_the_attempt(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            ctx.emit({"topic": "a"})
            await asyncio.sleep(0.02)
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert (failure.type, failure.message) == ("CallError", "the disk is full")

    play(step, script, answer=refuse)


@pytest.mark.parametrize(("keyword", "wait"), [("async def", "await "), ("def", "")])
def test_a_failed_call_raises_and_can_be_handled(play: Play, keyword: str, wait: str) -> None:
    step = api(f"""
        from motia import CallError
        {keyword} handler(req, ctx):
            try:
                {wait}ctx.emit({{"topic": "a"}})
            except CallError as error:
                return {{"status": 200, "body": [error.kind, error.type, str(error)]}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert json.loads(complete.http.body) == ["internal", "DiskFull", "the disk is full"]

    play(step, script, answer=refuse)


def test_a_failure_of_a_kind_that_is_not_known(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            try:
                await ctx.emit({"topic": "a"})
            except Exception as error:
                return {"status": 200, "body": error.kind}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"unspecified"

    play(step, script, answer=lambda _call: failure_pb2.Failure(kind=99))  # type: ignore[arg-type]


def test_a_value_that_is_not_json_is_not_sent(play: Play) -> None:
    step = event_step("""
        async def handler(input, ctx):
            await ctx.emit({"topic": "a", "data": {"rows": [1, {2j}]}})
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.invoke(STEP)).failure
        assert failure.kind == failure_pb2.FAILURE_KIND_SCHEMA
        assert failure.message.startswith("data.rows[1][0] is a complex")
        assert not core.of_kind("call")

    play(step, script)


def test_many_calls_at_once_and_in_every_form_of_awaiting(play: Play) -> None:
    step = api("""
        import asyncio
        async def handler(req, ctx):
            get, state = ctx.state.get, ctx.state
            values = await asyncio.gather(*(get("g", str(n)) for n in range(100)))
            task = asyncio.create_task(ctx.emit({"topic": "as a task"}))
            done, _ = await asyncio.wait({asyncio.create_task(ctx.state.get("g", "1"))})
            in_thread = await asyncio.to_thread(lambda: state.get("g", "7"))
            async def elsewhere():
                return await asyncio.wait_for(get("g", "8"), 5)
            own_loop = await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
            await task
            return {"status": 200, "body": [values, done.pop().result(), in_thread, own_loop]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert complete.http.body, complete
        assert json.loads(complete.http.body) == [list(range(100)), 1, 7, 8]

    play(step, script, answer=lambda call: call.state_get.key.encode() or b"null")


def test_the_context_is_closed_after_the_invocation(play: Play) -> None:
    step = api("""
        import asyncio
        kept = []
        async def handler(req, ctx):
            if kept:
                try:
                    await kept[0].state.get("g", "k")
                except Exception as error:
                    kept[0].logger.info("logs go on")
                    return {"status": 200, "body": f"{type(error).__name__}: {error}"}
            kept.append(ctx)
            return {"status": 200, "body": ""}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.call_api(STEP)
        text = (await core.call_api(STEP)).http.body.decode()
        assert text.startswith(f"ContextClosedError: the invocation of {STEP} has ended, so state_get is not possible")
        assert not core.of_kind("call")
        await core.until(lambda: [log.message for log in core.logs] == ["logs go on"])

    play(step, script)


def test_context_values(play: Play) -> None:
    step = api("""
        config["flows"] = ["f1", "f2"]
        import os
        async def handler(req, ctx):
            ctx.note = "middlewares may leave things here"
            values = [ctx.trace_id, ctx.traceId, ctx.flows, ctx.attempt, ctx.max_attempts, ctx.maxAttempts]
            return {"status": 200, "body": [*values, ctx.signal.cancelled, ctx.signal.reason]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP, attempt=2, max_attempts=5)
        trace = "Q7KPD-4821907"
        assert json.loads(complete.http.body) == [trace, trace, ["f1", "f2"], 2, 5, 5, False, None]

    play(step, script)


def test_opentelemetry_context_is_set_when_the_user_has_loaded_it(play: Play) -> None:
    pytest.importorskip("opentelemetry.trace")
    code = """
        from opentelemetry import trace
        {keyword} handler(req, ctx):
            span = trace.get_current_span().get_span_context()
            return {{"status": 200, "body": format(span.trace_id, "032x")}}
        """
    files = {STEP: api(code.format(keyword="async def")), "steps/b_step.py": api(code.format(keyword="def"))}

    async def script(core: ScriptedCore) -> None:
        await core.load(*files)
        for path in files:
            assert (await core.call_api(path)).http.body == b"0af7651916cd43dd8448eb211c80319c"

    play(files, script)
