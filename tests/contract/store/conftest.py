"""Every test here runs against each kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import uvloop

from motia_core.clock import Clock
from motia_core.settings import Settings, StoreSettings
from motia_core.store import Store, open_store
from motia_core.store.postgres.clock import SharedClock
from tests.fakes.postgres import PostgresServer
from tests.fakes.sidecars import FakeClock
from tests.fakes.store import FakeStore

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Factory = Callable[[Path, Clock], AbstractAsyncContextManager[Any]]  # of a fresh store with the attributes of Store


@asynccontextmanager
async def memory(directory: Path, clock: Clock) -> AsyncIterator[FakeStore]:
    yield FakeStore(clock)


@asynccontextmanager
async def sqlite(directory: Path, clock: Clock) -> AsyncIterator[Store]:
    store = await open_store(Settings(project=directory), clock)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def postgresql(directory: Path, clock: Clock, url: str) -> AsyncIterator[Store]:
    with patch.object(SharedClock, "compare"):  # the time is the test's, not the database's
        store = await open_store(Settings(project=directory, store=StoreSettings(url=url)), clock)
        try:
            yield store
        finally:
            await store.close()


KINDS: dict[str, Factory] = {"memory": memory, "sqlite": sqlite}


@pytest.fixture
def run() -> Iterator[Run]:
    with asyncio.Runner(
        loop_factory=uvloop.new_event_loop
    ) as runner:  # the core's loop; tests/integration uses the other
        yield runner.run


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[*KINDS, "postgresql"])
def store(request: pytest.FixtureRequest, run: Run, tmp_path: Path, clock: FakeClock) -> Iterator[Any]:
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        opening = postgresql(tmp_path, clock, server.new_database())
    else:
        opening = KINDS[request.param](tmp_path, clock)
    yield run(opening.__aenter__())
    run(opening.__aexit__(None, None, None))
