"""A thousand seeds keep every promise; and the simulation finds what breaks one."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from motia_core.engine.backlog import Held
from motia_core.engine.context import Context
from motia_core.engine.delivery import Deliveries
from motia_core.engine.dispatcher import Dispatcher
from motia_core.engine.lanes import Lanes
from motia_core.engine.rate import RateLimiter
from motia_core.engine.staging import Staging
from motia_core.engine.waits import Waits
from motia_core.model.event import Delivery
from tests.simulation.run import SeedFailed, simulate

AT_ONCE = 50  # seeds of a test
FIRST, LAST = map(int, os.environ.get("MOTIA_SIMULATION_SEEDS", "1-1000").split("-"))
Patch = pytest.MonkeyPatch


@pytest.mark.parametrize("first", range(FIRST, LAST + 1, AT_ONCE))
def test_every_promise_is_kept(first: int) -> None:
    for seed in range(first, min(first + AT_ONCE, LAST + 1)):
        simulate(seed)


def test_a_seed_is_the_same_story_each_time() -> None:
    assert simulate(7).events == simulate(7).events


# --- faults that are put into the engine


def run_lanes_side_by_side(patch: Patch) -> None:
    """The deliveries of a message group or key do not wait for each other."""
    make = Lanes.__init__

    def wide(self: Any, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        self.concurrency = 100

    patch.setattr(Lanes, "__init__", wide)


def complete_before_the_handler(patch: Patch) -> None:
    """The end is stored although the attempt failed."""
    failed = Dispatcher._failed

    async def end(self: Any, delivery: Delivery, *args: Any) -> None:
        await self._with.queue.complete(delivery)
        await failed(self, delivery, *args)

    patch.setattr(Dispatcher, "_failed", end)


def commit_effects_apart(patch: Patch) -> None:
    """What an atomic step does takes effect without its completion."""
    effects = Staging._effects

    async def without(self: Any, *args: Any) -> Any:
        made = await effects(self, *args)
        made.completes = 0
        return made

    patch.setattr(Staging, "_effects", without)


def forget_what_comes_during_a_read(patch: Patch) -> None:
    """A delivery that ended while the store was read runs again."""
    patch.setattr(Held, "__contains__", lambda self, delivery_id: delivery_id in self._ids)


def drop_the_answer(patch: Patch) -> None:
    """Who waits is never woken."""
    patch.setattr(Waits, "signalled", _nothing)


async def _nothing(*args: Any) -> None:
    return None


def start_too_many(patch: Patch) -> None:
    """Rates are not limited."""
    patch.setattr(RateLimiter, "take", lambda self, now_ms: 0)


def lose_what_a_kill_left(patch: Patch) -> None:
    """A core that takes over does not look into the store."""
    patch.setattr(Deliveries, "_rearrange", lambda self: None)


def take_the_last_of_results(patch: Patch) -> None:
    """A result whose storing was in doubt is stored again."""
    remember: Callable[..., Awaitable[bytes]] = Context.remember

    async def careless(self: Any, invocation: Any, key: str, value: bytes) -> bytes:
        invocation.in_doubt.clear()
        try:
            return await remember(self, invocation, key, value)
        finally:
            invocation.in_doubt.clear()

    patch.setattr(Context, "remember", careless)


@pytest.mark.parametrize(
    "fault",
    [
        run_lanes_side_by_side,
        complete_before_the_handler,
        commit_effects_apart,
        forget_what_comes_during_a_read,
        drop_the_answer,
        start_too_many,
        lose_what_a_kill_left,
        take_the_last_of_results,
    ],
)
def test_a_fault_is_found(fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
    fault(monkeypatch)
    with pytest.raises(SeedFailed, match=r"to see it again: python -m tests.simulation \d+"):
        for seed in range(1, 401):
            simulate(seed)
