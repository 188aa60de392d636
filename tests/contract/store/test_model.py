"""The store in memory is the model of the others: whatever is asked of both, they answer and hold the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from motia_core.model.effects import Effects, StateClear, StateWrite, StreamEvent, StreamWrite, UniqueKey
from motia_core.model.event import Delivery, Remembered, Signal, Wait
from motia_core.model.stream import Address
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import FIRST, changes, everything
from tests.fakes.sidecars import FakeClock
from tests.fakes.store import FakeStore
from tests.fakes.values import a_delivery, a_failure

CALLS = 250
Ask = Callable[[Any], Awaitable[Any]]  # of a store


class Asking:
    """Random calls, on few enough ids and keys that they meet."""

    def __init__(self, random: Random, clock: FakeClock) -> None:
        self._random = random
        self._clock = clock
        self._fresh = 0

    def next(self) -> Ask:
        kinds = [
            self._enqueue,
            self._commit,
            self._commit,
            self._delivery,
            self._letters,
            self._state,
            self._stream,
            self._read,
        ]
        return self._random.choice(kinds)()

    def _id(self) -> int:
        return self._random.randint(1, max(2, self._fresh))

    def _key(self) -> str:
        return self._random.choice("abc")

    def _version(self) -> int:
        self._fresh += 1
        return self._fresh

    def _ms(self) -> int:
        """Now, or a little before or after."""
        return self._clock.ms + self._random.randint(-50, 200)

    def _new_delivery(self) -> Delivery:
        pick = self._random.choice
        return replace(
            a_delivery(self._version(), step_id=pick(["Work", "Other"])),
            due_ms=pick([0, 0, self._ms()]),
            lane=pick(["", "", "f:a", "f:b"]),
            priority=pick([0, 0, 5, -5]),
        )

    def _some(self, make: Callable[[], Any]) -> list[Any]:
        return [make() for _ in range(self._random.choice([0, 0, 1, 2]))]

    def _write(self) -> StateWrite | StateClear:
        if self._random.random() < 0.1:
            return StateClear(self._random.choice("gh"))
        value = self._random.choice([b"1", b"2", None])
        return StateWrite("g", self._key(), value, self._version(), self._random.choice([0, self._ms()]))

    # --- calls

    def _enqueue(self) -> Ask:
        deliveries = [self._new_delivery() for _ in range(self._random.randint(0, 3))]
        return lambda store: store.queue.enqueue(deliveries)

    def _commit(self) -> Ask:
        pick = self._random.choice
        conditions = self._some(lambda: replace(self._state_write(), expected_version=pick([0, self._id()])))
        effects = Effects(
            unique=self._some(lambda: UniqueKey("s", self._key(), self._ms()))[:1],
            answers=[(self._id(), "wait:1")] if pick([False, False, True]) else [],
            state=[*conditions[:1], *self._some(self._write)],
            streams=self._some(self._stream_write),
            deliveries=self._some(self._new_delivery),
            signals=self._some(lambda: Signal(self._version(), pick(["paid", "work"]), b"1", self._ms())),
            wakes=self._some(self._id),
            completes=pick([0, 0, 0, self._id()]),
        )
        return lambda store: store.queue.commit(effects)

    def _stream_write(self) -> StreamWrite | StreamEvent:
        pick = self._random.choice
        address = Address("s", pick("gh"), self._key())
        if pick([True, False, False]):
            return StreamEvent(address, b'{"type":"x"}')
        return StreamWrite(address, pick([b"{}", None]), self._ms(), pick([0, self._ms()]), pick([0, 0, 2]))

    def _stream(self) -> Ask:
        address = Address("s", self._random.choice("gh"), self._key())
        ttl_ms, max_items, limit = (self._random.choice(choices) for choices in ([0, 30], [0, 0, 2], [1, 9]))
        value = self._random.choice([b"7", None])
        what = self._random.choice(["set", "delete", "update", "send", "expire"])

        async def ask(store: Any) -> Any:
            if what == "set":
                return (await store.streams.set(address, b"{}", ttl_ms=ttl_ms, max_items=max_items))[:3]
            if what == "delete":
                found = await store.streams.delete(address)
                return found and found[:3]
            if what == "update":
                found = await store.streams.get(address)
                if found is not None or value is not None:
                    await store.streams.compare_and_set(address, value, expected=found.version if found else 0)
                return await store.streams.compare_and_set(address, b"8", expected=1)
            if what == "expire":
                return await store.streams.expire(limit=limit)
            return await store.streams.send(address, b'{"type":"y"}')

        return ask

    def _state_write(self) -> StateWrite:
        return StateWrite("g", self._key(), self._random.choice([b"1", None]), self._version())

    def _delivery(self) -> Ask:
        """Something happens to a delivery, if it is there."""
        number, due_ms, failed_ms = self._id(), self._ms(), self._ms()
        heard = self._some(self._new_delivery)
        what = self._random.choice(["complete", "retry", "bury", "sleep", "wait", "remember"])

        async def ask(store: Any) -> None:
            for delivery in await store.queue.read([number]):
                changed = replace(delivery, attempt=delivery.attempt + 1, due_ms=due_ms)
                if what == "complete":
                    await store.queue.complete(delivery)
                elif what == "retry":
                    await store.queue.retry(changed, a_failure(), failed_ms)
                elif what == "bury":
                    await store.queue.bury(delivery, a_failure(), failed_ms, heard)
                elif what == "sleep":
                    await store.queue.suspend(changed, Remembered(number, "sleep:1", b"null"))
                elif what == "wait":
                    wait = Wait(number, delivery.step_id, "wait:1", "paid", b"", 0, due_ms)
                    await store.queue.suspend(changed, wait)
                else:
                    await store.queue.commit(Effects(remembered=[Remembered(number, "k", b"%d" % failed_ms)]))

        return ask

    def _letters(self) -> Ask:
        ids, keep, limit = [self._id() for _ in range(3)], self._random.randint(0, 9), self._random.randint(1, 4)
        oldest_ms, data = self._ms() - 50, self._random.choice([None, b"9"])
        self._clock.ms += self._random.choice([0, 10])
        return self._random.choice(
            [
                lambda store: store.dead_letters.redrive(ids, data),
                lambda store: store.dead_letters.discard(ids[:1]),
                lambda store: store.retention.trim_dead_letters(keep=keep, oldest_ms=oldest_ms, limit=limit),
                lambda store: store.retention.expire(self._clock.ms, limit=1_000),
            ]
        )

    def _state(self) -> Ask:
        key, version, expires_ms = self._key(), self._version(), self._random.choice([0, self._ms()])
        value, expected = self._random.choice([b"7", None]), self._random.choice([0, self._id()])
        return self._random.choice(
            [
                lambda store: store.state.set("g", key, b"8", version=version, expires_ms=expires_ms),
                lambda store: store.state.delete("g", key),
                lambda store: store.state.compare_and_set("g", key, value, expected=expected, version=version),
            ]
        )

    def _read(self) -> Ask:
        after = (self._random.choice([-5, 0, 5, self._ms()]), self._id())
        limit, key = self._random.randint(1, 4), self._key()
        return self._random.choice(
            [
                lambda store: store.queue.read_due("Work", [0], after=FIRST, limit=limit),
                lambda store: store.queue.read_due("Work", [0], after=after, limit=limit),
                lambda store: store.queue.read_later("Work", [0], after=after, limit=limit),
                lambda store: store.queue.read_lane("Work", "f:a", after_id=after[1], limit=limit),
                lambda store: store.dead_letters.page(step_id="Work", limit=limit),
                lambda store: store.dead_letters.ids(after_id=after[1], limit=limit),
                lambda store: store.state.page("g", prefix="", after_key=key, limit=limit),
            ]
        )


@pytest.mark.parametrize("seed", range(6))
def test_store_does_what_its_model_does(store: Store | FakeStore, run: Run, clock: FakeClock, seed: int) -> None:
    async def scenario() -> None:
        model = FakeStore(clock)
        asking = Asking(Random(seed), clock)
        for each in (store, model):
            await each.streams.set(Address("s", "g", "a"), b"{}")  # the log begins now
        for number in range(CALLS):
            ask = asking.next()
            assert await ask(store) == await ask(model), f"call {number}"
            if number % 25 == 0:
                assert await everything(store) == await everything(model)  # type: ignore[arg-type]  # the same ports
        held = await everything(model)  # type: ignore[arg-type]
        assert await everything(store) == held  # type: ignore[arg-type]
        for group in ("g", "h"):
            assert await changes(store, Address("s", group)) == await changes(model, Address("s", group))  # type: ignore[arg-type]
        assert all(held[part] for part in ("deliveries", "remembered", "signals", "state", "items"))

    run(scenario())
