"""Items go when their time is over, changes when nobody needs them any more; in between nothing looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from motia_core.engine import stream_expiry
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.errors import StoreUnavailableError
from motia_core.model.stream import Address
from motia_core.settings import StreamSettings
from tests.fakes.sidecars import FakeClock, FakeLog
from tests.fakes.store import FakeStore

ONE, TWO = Address("s", "g", "1"), Address("s", "g", "2")
STEP_S = 0.005


class LoopTime(FakeClock):
    """Follows the loop's clock, so that timers and the time agree."""

    def now_ms(self) -> int:
        return self.now_us() // 1000

    def now_us(self) -> int:
        return self.ms * 1000 + round(asyncio.get_running_loop().time() * 1_000_000)


class Watched:
    """A store that counts how often somebody looks."""

    def __init__(self, clock: FakeClock) -> None:
        self.store = FakeStore(clock)
        self.looks = 0
        self.failures = 0
        self.get, self.set, self.trim = self.store.streams.get, self.store.streams.set, self.store.streams.trim

    async def expire(self, *, limit: int) -> tuple[int, int]:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError("not now")
        return await self.store.streams.expire(limit=limit)


Scenario = Callable[[StreamExpiry, Watched], Awaitable[None]]


def run(scenario: Scenario, **settings: int) -> None:
    async def main() -> None:
        clock = LoopTime()
        watched = Watched(clock)
        expiry = StreamExpiry(watched, StreamSettings(**settings), clock, FakeLog())  # type: ignore[arg-type]  # what it needs of a store
        try:
            async with asyncio.timeout(5):
                await scenario(expiry, watched)
        finally:
            await expiry.stop()

    asyncio.run(main())


async def until_looked(watched: Watched, times: int) -> None:
    while watched.looks < times:
        await asyncio.sleep(STEP_S)


def test_what_was_there_before_goes_and_the_next_is_waited_for() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        await watched.set(ONE, b"{}", ttl_ms=1)
        await watched.set(TWO, b"{}", ttl_ms=60)
        await asyncio.sleep(0.01)
        expiry.start()
        await until_looked(watched, 2)
        assert await watched.get(TWO) is None
        assert watched.looks == 2, "once at the start, once when the second was due"

    run(scenario)


def test_an_item_that_is_due_earlier_is_seen_to_earlier() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        expiry.start()
        await until_looked(watched, 1)
        for address, ttl_ms in ((ONE, 5_000), (TWO, 20)):
            await watched.set(address, b"{}", ttl_ms=ttl_ms)
            expiry.note(ttl_ms)
        await until_looked(watched, 2)
        assert await watched.get(ONE) is not None

    run(scenario)


def test_nothing_looks_while_nothing_is_due() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        expiry.start()
        await watched.set(ONE, b"{}")
        expiry.note(0)
        await asyncio.sleep(0.1)
        assert watched.looks == 1

    run(scenario)


def test_a_store_that_cannot_is_asked_again() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        watched.failures = 2
        await watched.set(ONE, b"{}", ttl_ms=1)
        expiry.start()
        await until_looked(watched, 3)

    before, stream_expiry.RETRY_MS = stream_expiry.RETRY_MS, 10
    try:
        run(scenario)
    finally:
        stream_expiry.RETRY_MS = before


def test_changes_are_forgotten_above_their_number() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        for number in range(20):
            await watched.set(ONE, b"%d" % number)
        expiry.start()
        await until_looked(watched, 1)
        while len(watched.store.memory.streams.changes) > 5:
            await asyncio.sleep(STEP_S)
        assert [change.data for change in watched.store.memory.streams.changes] == [b"15", b"16", b"17", b"18", b"19"]

    run(scenario, max_changes=5)


def test_nothing_happens_after_the_end() -> None:
    async def scenario(expiry: StreamExpiry, watched: Watched) -> None:
        expiry.start()
        await until_looked(watched, 1)
        await expiry.stop()
        expiry.note(1)
        await asyncio.sleep(0.05)
        assert watched.looks == 1

    run(scenario)
