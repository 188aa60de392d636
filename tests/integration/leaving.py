"""How a sidecar that the core has not launched ends, whatever its language: what is said again, and what an end is.

Scripts for `play` with a step that emits `started` and then waits for the file `go`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable

from tests.fakes.scripted_core import Limits, ScriptedCore

EXTERNAL = {"MOTIA_SIDECAR_EXTERNAL": "1"}
LASTING = Limits(revision=2, resume_window_ms=20_000)
Script = Callable[[ScriptedCore], Awaitable[None]]


def ask_to_end(core: ScriptedCore) -> None:
    assert core.process is not None
    os.kill(core.process.pid, signal.SIGTERM)


async def started(core: ScriptedCore, step: str) -> int:
    """An attempt that runs until the file `go` is there."""
    await core.load(step)
    invocation = core.start(step)
    await core.frame("call")
    return invocation


def is_said_again(step: str) -> Script:
    """Leaving is said again after a lost connection; a Drain that comes again is ignored."""

    async def script(core: ScriptedCore) -> None:
        invocation = await started(core, step)
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

    return script


def waits_for_the_connection(step: str) -> Script:
    """Who is to end while the connection is away leaves once it is back."""

    async def script(core: ScriptedCore) -> None:
        invocation = await started(core, step)
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

    return script


def ends_with_the_connection(step: str) -> Script:
    """A connection that is lost in a drain is the end."""

    async def script(core: ScriptedCore) -> None:
        await started(core, step)
        core.drain()
        core.start(step)
        await core.frame("returned")  # it has read Drain
        core.hang_up()
        assert await core.exit_code() == 0
        assert len(core.hellos) == 1

    return script
