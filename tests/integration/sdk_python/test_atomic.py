"""A function of `ctx.run` in an atomic step may do nothing that a failed attempt would take back: its result stays."""

from __future__ import annotations

import pytest

from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play, api, event_step

FREE = "steps/free_step.py"
ATOMIC = "config['atomic'] = True\n"
FORMS = pytest.mark.parametrize("form", ["async", "sync", "sync of async"])
WRITES = {
    "emit": "ctx.emit({'topic': 't'})",
    "state_set": "ctx.state.set('g', 'k', 1)",
    "state_update": "ctx.state.update('g', 'k', [{'type': 'remove', 'path': ''}])",
    "state_compare_and_set": "ctx.state.compare_and_set('g', 'k', 0, 1)",
    "state_delete": "ctx.state.delete('g', 'k')",
    "state_clear": "ctx.state.clear('g')",
    "stream_set": "ctx.streams.s.set('g', 'k', {})",
    "stream_delete": "ctx.streams.s.delete('g', 'k')",
}


def handler(form: str, write: str) -> str:
    """Source of an async handler, of a sync one, or of a sync one that gives `run` async functions."""
    of_handler, wait = ("async def", "await ") if form == "async" else ("def", "")
    of_run, wait_in_run = ("def", "") if form == "sync" else ("async def", "await ")
    return f"""
        {of_handler} handler(input, ctx):
            {of_run} read():
                return {wait_in_run}ctx.state.get("g", "k")
            {of_run} write():
                return {wait_in_run}{write}
            {wait}ctx.run("read", read)
            {wait}{write}  # outside of run: as ever
            {wait}ctx.run("write", write)
        """


@FORMS
@pytest.mark.parametrize("write", WRITES)
def test_it_neither_emits_nor_writes(play: Play, form: str, write: str) -> None:
    code = handler(form, WRITES[write])

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP, FREE)
        failure = (await core.invoke(STEP)).failure
        assert failure.type == "WriteInRunError"
        assert failure.message.startswith(f"{write} within run() of {STEP}, which is atomic: a later attempt would")
        assert failure.message.endswith("Emit and write outside of run()")
        assert [call.WhichOneof("operation") for call in core.of_kind("call")] == ["state_get", "remember", write]
        assert (await core.invoke(FREE)).HasField("done")

    play({STEP: event_step(code) + ATOMIC, FREE: event_step(code)}, script, streams=("s",))


def test_a_handler_may_write_when_the_run_is_over(play: Play) -> None:
    step = event_step("""
        import asyncio
        async def handler(input, ctx):
            try:
                await ctx.run("k", lambda: ctx.emit({"topic": "no"}))
            except Exception as error:
                ctx.logger.info(str(error))
            await asyncio.gather(*(ctx.emit({"topic": str(n)}) for n in range(2)))
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).HasField("done")
        assert [call.emit.topic for call in core.of_kind("call")] == ["0", "1"]

    play(step + ATOMIC, script)


def test_in_api_steps_nothing_is_remembered(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            await ctx.run("k", lambda: ctx.emit({"topic": "t"}))
            return {"status": 200}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.status == 200
        assert [call.emit.topic for call in core.of_kind("call")] == ["t"]

    play(step + ATOMIC, script)
