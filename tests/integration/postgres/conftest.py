"""Cores on one PostgreSQL database: the real store and the real engine, with sidecars that answer by script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from motia_core.model.step import Step
from motia_core.settings import Settings, StoreSettings
from motia_core.store import Store, open_store
from motia_core.store.postgres.membership import Membership
from tests.fakes.engine import Handler, World, running
from tests.fakes.postgres import PostgresServer

LEASE_MS = 400


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


class Cores:
    """Opens stores and cores on a database."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url = url
        self._directory = directory
        self._opened = 0

    async def store(self, lease_ms: int = LEASE_MS) -> Store:
        self._opened += 1
        directory = self._directory / str(self._opened)
        directory.mkdir()
        return await open_store(Settings(project=directory, store=StoreSettings(url=self.url, lease_ms=lease_ms)))

    @asynccontextmanager
    async def opened(self, lease_ms: int = LEASE_MS) -> AsyncIterator[Store]:
        store = await self.store(lease_ms)
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def core(self, *steps: Step, handler: Handler | None = None) -> AsyncIterator[World]:
        async with self.opened() as store:
            on_store: Any = store
            async with running(*steps, handler=handler, store=on_store, clock=store.clock, ids=store.ids) as world:
                yield world


@pytest.fixture
def cores(url: str, tmp_path: Path) -> Cores:
    return Cores(url, tmp_path)


def membership(of: Store | World) -> Membership:
    cluster: Any = of.store.cluster if isinstance(of, World) else of.cluster
    assert isinstance(cluster, Membership)
    return cluster


def freeze(of: Store | World) -> None:
    """The core does not renew its lease and hears nothing, as if its process were stopped."""
    for task in membership(of)._tasks:
        task.cancel()


async def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for something that other tasks bring about."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)
