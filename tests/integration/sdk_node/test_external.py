"""A Node sidecar that the core has not launched, at its end: what is said again, and what an end is."""

from __future__ import annotations

from tests.fakes.scripted_core import Limits, ScriptedCore
from tests.integration.leaving import (
    EXTERNAL,
    LASTING,
    ask_to_end,
    ends_with_the_connection,
    is_said_again,
    started,
    waits_for_the_connection,
)
from tests.integration.sdk_node.conftest import STEP, Play, event_step

WAITING = event_step("""
    import { existsSync } from 'node:fs'
    export const handler = async (input, { emit }) => {
      await emit({ topic: 'started' })
      while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5))
    }""")


def test_leaving_is_said_again_after_a_lost_connection(play: Play) -> None:
    play(WAITING, is_said_again(STEP), EXTERNAL, limits=LASTING)


def test_who_is_to_end_while_the_connection_is_away_leaves_once_it_is_back(play: Play) -> None:
    play(WAITING, waits_for_the_connection(STEP), EXTERNAL, limits=LASTING)


def test_a_connection_lost_in_a_drain_is_the_end(play: Play) -> None:
    play(WAITING, ends_with_the_connection(STEP), EXTERNAL, limits=LASTING)


def test_who_is_to_end_when_the_session_is_over_just_ends(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await started(core, STEP)
        core.refuse_hellos = 1000
        core.hang_up()
        process = core.process
        assert process is not None
        await core.until(lambda: b"attaching again" in process.stderr)
        ask_to_end(core)
        assert await core.exit_code() == 0
        assert core.of_kind("leaving") == []

    play(WAITING, script, EXTERNAL, limits=Limits(revision=2, resume_window_ms=1))
