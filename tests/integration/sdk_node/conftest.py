"""Plays a script against a real Node sidecar with a project of a few files."""

from __future__ import annotations

import asyncio
import shutil
import textwrap
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_core import ScriptedCore

MAIN = Path(__file__).parents[3] / "sdk-node" / "dist" / "main.js"
STEP = "steps/a.step.js"
Script = Callable[[ScriptedCore], Awaitable[None]]
Play = Callable[..., None]


def event_step(code: str, more: str = "") -> str:
    """An event step's source; `more` is added to its config."""
    config = f"export const config = {{ type: 'event', name: 'e', subscribes: ['t'], emits: []{more} }}\n"
    return config + textwrap.dedent(code)


def api(code: str, more: str = "") -> str:
    """An api step's source; `more` is added to its config."""
    config = f"export const config = {{ type: 'api', name: 'a', path: '/a', method: 'POST', emits: []{more} }}\n"
    return config + textwrap.dedent(code)


def cron(code: str) -> str:
    """A cron step's source."""
    return "export const config = { type: 'cron', name: 'c', cron: '* * * * *', emits: [] }\n" + textwrap.dedent(code)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    node = shutil.which("node")
    assert node is not None
    assert MAIN.exists(), "the Node SDK is not built: run make setup"

    def play(
        files: Mapping[str, str] | str, script: Script, env: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """Write the files (a single source is STEP), start a sidecar and run the script."""
        for path, text in ({STEP: files} if isinstance(files, str) else files).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)

        async def run() -> None:
            async with ScriptedCore(tmp_path, command=(node, str(MAIN)), language="node", **options) as core:
                await core.launch(env)
                await script(core)

        asyncio.run(run())

    return play
