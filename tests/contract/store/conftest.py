"""Every test here runs against the store in memory and the one on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from motia_core.settings import Settings
from motia_core.store import Store, open_store
from tests.fakes.store import FakeStore

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    with asyncio.Runner(
        loop_factory=uvloop.new_event_loop
    ) as runner:  # the core's loop; tests/integration uses the other
        yield runner.run


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[FakeStore | Store]:
    if request.param == "memory":
        yield FakeStore()
        return
    opened: Store = run(open_store(Settings(project=tmp_path)))
    yield opened
    run(opened.close())
