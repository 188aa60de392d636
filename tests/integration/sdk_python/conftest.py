"""Plays a script against a real sidecar process with a project of a few files."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_core import ScriptedCore

Script = Callable[[ScriptedCore], Awaitable[None]]
Play = Callable[..., None]

API = "config = {'type': 'api', 'name': 'a', 'path': '/a', 'method': 'POST', 'emits': []}\n"
EVENT = "config = {'type': 'event', 'name': 'e', 'subscribes': ['t'], 'emits': []}\n"
CRON = "config = {'type': 'cron', 'name': 'c', 'cron': '* * * * *', 'emits': []}\n"
STEP = "steps/a_step.py"


def api(code: str) -> str:
    """An api step's source."""
    return API + textwrap.dedent(code)


def event_step(code: str) -> str:
    """An event step's source."""
    return EVENT + textwrap.dedent(code)


def cron(code: str) -> str:
    """A cron step's source."""
    return CRON + textwrap.dedent(code)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    root = tmp_path / "shop"

    def play(
        files: Mapping[str, str] | str, script: Script, env: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """Write the files (a single source is STEP), start a sidecar and run the script."""
        root.mkdir()
        for path, text in ({STEP: files} if isinstance(files, str) else files).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")

        async def run() -> None:
            async with ScriptedCore(root, **options) as core:
                await core.launch(env)
                await script(core)

        asyncio.run(run())

    return play
