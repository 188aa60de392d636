"""Who may be given work."""

from __future__ import annotations

import asyncio

from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session
from tests.fakes.sidecars import FakeClock, FakeLog


def session(pool: SidecarPool, name: str) -> Session:
    return Session(
        name,
        "node",
        name,
        pool,
        None,  # type: ignore[arg-type]  # nobody calls
        FakeClock(),
        FakeLog(),
        max_payload_bytes=1,
    )


def test_session_that_is_added_twice_is_there_once() -> None:
    async def scenario() -> None:
        pool = SidecarPool(1000)
        one = session(pool, "one")
        pool.add(one)
        pool.add(one)
        assert pool.group("node").sessions == [one]
        pool.pause(one)
        assert pool.group("node").sessions == []

    asyncio.run(scenario())
