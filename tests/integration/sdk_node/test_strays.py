"""What user code throws where nobody can catch it, and floods of its logs: the sidecar lives, and says whose it was."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import manifest_pb2
from tests.fakes.scripted_core import ScriptedCore, event
from tests.integration.sdk_node.conftest import STEP, Play, event_step

OTHER = "steps/other.step.js"
DONE = event_step("export const handler = async () => {}")
STRAYS = {
    "timer": ("setTimeout(() => { throw new Error('boom') }, 1)", "uncaught exception"),
    "rejection": ("void Promise.reject(new Error('boom'))", "unhandled rejection"),
    "async function": ("void (async () => { await null; throw new Error('boom') })()", "unhandled rejection"),
    "event": ("setTimeout(() => new EventEmitter().emit('error', new Error('boom')), 1)", "uncaught exception"),
}


@pytest.mark.parametrize("how", STRAYS)
def test_errors_of_a_handler_that_nobody_catches_are_logged_with_its_step(play: Play, how: str) -> None:
    code, what = STRAYS[how]
    step = event_step(f"""
        import {{ EventEmitter }} from 'node:events'
        export const handler = async () => {{
          {code}
          await new Promise((resolve) => setTimeout(resolve, 50))
        }}""")

    async def script(core: ScriptedCore) -> None:
        await core.load(OTHER, STEP)
        invocation = core.start(STEP)
        assert (await core.complete(invocation)).HasField("done")
        await core.until(lambda: len(core.logs) == 1)
        (log,) = core.logs
        assert log.message.startswith(f"{what} in {STEP}: boom (no attempt fails with it")
        assert (log.step, log.invocation_id, log.trace_id) == (STEP, invocation, "Q7KPD-4821907")
        assert json.loads(log.fields)["error"]["message"] == "boom"
        assert (await core.invoke(OTHER)).HasField("done")

    play({STEP: step, OTHER: DONE}, script)


@pytest.mark.parametrize(
    "thrown",
    [
        "'a text'",
        "undefined",
        "Object.defineProperty(new Error('x'), 'stack', { get() { throw new Error('no') } })",
        "new Proxy({}, { getPrototypeOf() { throw new Error('no') }, get() { throw new Error('no') } })",
        "process.exit(3)",
    ],
    ids=["text", "nothing", "getter", "proxy", "exit"],
)
def test_whatever_is_thrown_the_process_lives(play: Play, thrown: str) -> None:
    step = event_step(f"""
        export const handler = () => {{
          setTimeout(() => {{ throw {thrown} }}, 1)
          return new Promise((resolve) => setTimeout(resolve, 30))
        }}""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.invoke(STEP)).HasField("done")
        assert (await core.invoke(STEP)).HasField("done")
        core.drain()
        assert await core.exit_code() == 0
        said = (await core.output_bytes())[1].decode() + "".join(log.message for log in core.logs)
        assert said.count("uncaught exception") == 2

    play(step, script)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Promise.reject(new Error('no database'))", "threw while loading: no database"),
        ("queueMicrotask(() => { throw new Error('no database') })", "threw while loading: no database"),
        ("process.nextTick(() => { throw new Error('no database') })", "threw while loading: no database"),
    ],
    ids=["rejection", "microtask", "tick"],
)
def test_an_error_that_nobody_catches_while_a_file_is_imported_is_that_files(
    play: Play, code: str, message: str
) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(OTHER, STEP, "steps/z.step.js")
        assert [step.path for step in manifest.steps] == [OTHER, "steps/z.step.js"]
        (error,) = manifest.errors
        assert (error.path, error.message) == (STEP, message)
        assert (await core.invoke(OTHER)).HasField("done")

    play({STEP: event_step(f"{code}\nexport const handler = () => 1"), OTHER: DONE, "steps/z.step.js": DONE}, script)


def test_an_error_after_a_file_was_imported_costs_no_other_file(play: Play) -> None:
    late = """
        setTimeout(() => { throw new Error('too late') }, 20)
        export const handler = () => 1"""
    slow = "await new Promise((resolve) => setTimeout(resolve, 100))\nexport const handler = () => 1"

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP, OTHER)
        assert [step.path for step in manifest.steps] == [STEP, OTHER]
        assert list(manifest.errors) == []
        await core.until(lambda: len(core.logs) == 1)
        assert "uncaught exception" in core.logs[0].message
        assert "too late" in core.logs[0].message

    play({STEP: event_step(late), OTHER: event_step(slow)}, script)


def test_import_phases(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        (error,) = manifest.errors
        assert (error.phase, error.line > 0) == (manifest_pb2.LOAD_PHASE_IMPORT, True)

    play(event_step("throw new Error('at once')"), script)


def test_a_flood_of_logs_is_dropped_and_counted_and_delays_nothing(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { logger }) => {
          for (let n = 0; n < input; n += 1) logger.info('line', { n, padding: 'x'.repeat(400) })
        }""")

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


def test_what_waits_of_logs_is_limited_in_bytes(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { logger }) => {
          logger.info('x'.repeat(5_000_000), { y: 1 })
          for (let n = 0; n < 100; n += 1) logger.info('line', { padding: 'x'.repeat(900_000) })
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        core.read_telemetry.clear()
        assert (await core.invoke(STEP)).HasField("done")
        core.read_telemetry.set()
        core.drain()
        assert await core.exit_code() == 0
        assert core.logs[0].message.endswith("(cut: the message had 5000000 characters, the fields 7 bytes)")
        assert len(core.logs[0].message) < 300_000
        assert core.dropped > 50

    play(step, script)


def test_log_level_from_the_environment(play: Play) -> None:
    step = event_step("""
        export const handler = async (input, { logger }) => {
          for (const level of ['debug', 'info', 'warn', 'error']) logger[level](level)
        }""")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.invoke(STEP)
        core.drain()
        await core.exit_code()
        assert [log.message for log in core.logs] == ["warn", "error"]

    play(step, script, env={"LOG_LEVEL": "warn"})
