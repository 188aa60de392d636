"""A Node sidecar that the core has not launched, at its end: what is said again, and what an end is."""

from __future__ import annotations

import os
import signal

from tests.fakes.scripted_core import Limits, ScriptedCore
from tests.integration.sdk_node.conftest import STEP, Play, event_step

EXTERNAL = {"MOTIA_SIDECAR_EXTERNAL": "1"}
LASTING = Limits(revision=2, resume_window_ms=20_000)
WAITING = event_step("""
    import { existsSync } from 'node:fs'
    export const handler = async (input, { emit }) => {
      await emit({ topic: 'started' })
      while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5))
    }""")


def ask_to_end(core: ScriptedCore) -> None:
    assert core.process is not None
    os.kill(core.process.pid, signal.SIGTERM)


async def started(core: ScriptedCore) -> int:
    """An attempt that runs until the file `go` is there."""
    await core.load(STEP)
    invocation = core.start(STEP)
    await core.frame("call")
    return invocation


def test_leaving_is_said_again_after_a_lost_connection(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        invocation = await started(core)
        ask_to_end(core)
        await core.frame("leaving")
        core.hang_up()
        await core.until(lambda: len(core.of_kind("leaving")) == 2)
        core.drain()
        core.drain()  # a core says it again, when it cannot know that it was heard
        (core.root / "go").touch()
        await core.complete(invocation)
        assert await core.exit_code() == 0
        assert len(core.of_kind("drained")) == 1

    play(WAITING, script, EXTERNAL, limits=LASTING)


def test_who_is_to_end_while_the_connection_is_away_leaves_once_it_is_back(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        invocation = await started(core)
        core.refuse_hellos = 3
        core.hang_up()
        await core.until(lambda: len(core.hellos) == 2)
        ask_to_end(core)
        await core.frame("leaving")
        core.drain()
        (core.root / "go").touch()
        await core.complete(invocation)
        assert await core.exit_code() == 0
        assert len(core.of_kind("leaving")) == 1

    play(WAITING, script, EXTERNAL, limits=LASTING)


def test_who_is_to_end_when_the_session_is_over_just_ends(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await started(core)
        core.refuse_hellos = 1000
        core.hang_up()
        assert core.process is not None
        await core.until(lambda: b"attaching again" in core.process.stderr)  # type: ignore[union-attr]  # it runs
        ask_to_end(core)
        assert await core.exit_code() == 0
        assert core.of_kind("leaving") == []

    play(WAITING, script, EXTERNAL, limits=Limits(revision=2, resume_window_ms=1))


def test_a_connection_lost_in_a_drain_is_the_end(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await started(core)
        core.drain()
        core.start(STEP)
        await core.frame("returned")  # it has read Drain
        core.hang_up()
        assert await core.exit_code() == 0
        assert len(core.hellos) == 1

    play(WAITING, script, EXTERNAL, limits=LASTING)
