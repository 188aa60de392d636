"""What takes effect together, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from motia_core.errors import MotiaError
from motia_core.model.effects import Effects, StateClear, StateWrite, StreamWrite, UniqueKey
from motia_core.model.event import NEVER_MS, Delivery, Remembered, Signal, Wait
from motia_core.model.stream import Address
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import due, everything, stored
from tests.fakes.sidecars import FakeClock
from tests.fakes.values import a_delivery

AN_HOUR = 3_600_000
NOW = FakeClock.ms


@pytest.fixture(autouse=True)
def prepared(store: Store, run: Run) -> None:
    """Delivery 1 waits; 2 remembers something and is under way; 3 is due later. State, an item, a used key."""

    async def prepare() -> None:
        await store.queue.enqueue([a_delivery(1), a_delivery(2), replace(a_delivery(3), due_ms=NEVER_MS)])
        wait = Wait(1, "Work", "wait:1", "paid", b"", 0, NEVER_MS)
        await store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), wait)
        await store.queue.commit(Effects(remembered=[Remembered(2, "k", b"1")]))
        await store.queue.commit(Effects(unique=[UniqueKey("work", "used", NOW + AN_HOUR)]))
        await store.state.set("g", "a", b"1", version=11)
        await store.state.set("g", "c", b"3", version=13, expires_ms=NOW + AN_HOUR)
        await store.state.set("h", "a", b"4", version=14)
        await store.streams.set(Address("s", "g", "1"), b"{}")

    run(prepare())


def of_everything(**conditions: object) -> Effects:
    """Effects of every kind, with these conditions."""
    effects = Effects(
        streams=[StreamWrite(Address("s", "g", "1"), b'{"n":2}', 200), StreamWrite(Address("s", "h", "2"), b"{}", 200)],
        deliveries=[a_delivery(21), a_delivery(22, step_id="Other")],
        signals=[Signal(23, "paid", b"5", NOW + AN_HOUR)],
        remembered=[Remembered(3, "k", b"2")],
        wakes=[3],
        state=[StateWrite("g", "b", b"2", 22), StateClear("h"), StateWrite("h", "z", b"5", 23)],
    )
    state = conditions.pop("state", [])
    assert isinstance(state, list)
    effects.state = [*state, *effects.state]
    for name, value in conditions.items():
        setattr(effects, name, value)
    return effects


# --- what is done


def test_effects_of_every_kind_are_done(store: Store, run: Run) -> None:
    effects = of_everything(
        unique=[UniqueKey("work", "new", NOW + AN_HOUR)],
        answers=[(1, "wait:1")],
        state=[StateWrite("g", "a", b"10", 21, expected_version=11)],
        completes=2,
    )
    assert run(store.queue.commit(effects)) is True
    after = run(everything(store))
    assert after["deliveries"] == {
        1: replace(a_delivery(1), due_ms=NEVER_MS),
        3: replace(a_delivery(3), due_ms=0, has_progress=True),
        21: a_delivery(21),
        22: a_delivery(22, step_id="Other"),
    }
    assert {number: found for number, found in after["remembered"].items() if found} == {3: [Remembered(3, "k", b"2")]}
    assert after["waits"] == []
    assert after["signals"]["paid"] == effects.signals
    assert after["versions"] == {"a": (b"10", 21), "b": (b"2", 22), "c": (b"3", 13)}
    assert after["state"]["h"] == [("z", b"5")]
    assert after["items"] == {"g": [("1", b'{"n":2}', NOW)], "h": [("2", b"{}", 200)]}


def test_nothing_at_all_is_done_well(store: Store, run: Run) -> None:
    before = run(everything(store))
    assert run(store.queue.commit(Effects())) is True
    assert run(everything(store)) == before


@pytest.mark.parametrize(
    "effects",
    [
        Effects(deliveries=[a_delivery(31)]),
        Effects(signals=[Signal(32, "paid", b"1", NOW + AN_HOUR)]),
        Effects(wakes=[3, 404]),
        Effects(remembered=[Remembered(3, "x", b"1")]),
        Effects(state=[StateWrite("g", "a", b"7", 31)]),
        Effects(state=[StateClear("g")]),
        Effects(streams=[StreamWrite(Address("s", "g", "1"), None)]),
        Effects(completes=2),
    ],
    ids=["delivery", "signal", "wake", "remembered", "set", "clear", "item", "completion"],
)
def test_effect_may_be_alone(store: Store, run: Run, effects: Effects) -> None:
    before = run(everything(store))
    assert run(store.queue.commit(effects)) is True
    assert run(everything(store)) != before


def test_state_is_written_in_order(store: Store, run: Run) -> None:
    writes = [
        StateWrite("g", "a", b"1", 31),
        StateWrite("g", "b", b"1", 32),
        StateWrite("g", "a", b"2", 33, expires_ms=NOW + 10),
        StateClear("h"),
        StateWrite("h", "x", b"1", 34),
        StateWrite("h", "x", None),
        StateWrite("h", "y", b"2", 35),
        StateWrite("g", "b", None),
        StateWrite("g", "b", b"3", 36),
        StateWrite("h", "missing", None),
    ]
    assert run(store.queue.commit(Effects(state=writes)))
    assert run(store.state.get_group("h")) == [("y", b"2")]
    assert run(store.state.get("g", "a")) == (b"2", 33)
    assert run(store.state.get("g", "b")) == (b"3", 36)


def test_written_state_expires(store: Store, run: Run, clock: FakeClock) -> None:
    assert run(store.queue.commit(Effects(state=[StateWrite("g", "a", b"2", 31, expires_ms=NOW + 10)])))
    clock.ms += 10
    assert run(store.state.get("g", "a")) is None


def test_items_are_written_in_order(store: Store, run: Run) -> None:
    writes = [
        StreamWrite(Address("s", "g", "2"), b"a", 300),
        StreamWrite(Address("s", "g", "1"), None),
        StreamWrite(Address("s", "g", "2"), b"b", 400),
        StreamWrite(Address("s", "g", "1"), b"again", 500),
        StreamWrite(Address("s", "g", "missing"), None),
    ]
    assert run(store.queue.commit(Effects(streams=writes)))
    found = [item[:3] for item in run(store.streams.get_group("s", "g"))]
    assert found == [("2", b"b", 300), ("1", b"again", 500)]


def test_effects_of_many_rows_are_done(store: Store, run: Run) -> None:
    count = 300
    effects = Effects(
        deliveries=[a_delivery(1_000 + number) for number in range(count)],
        signals=[Signal(2_000 + number, "paid", b"", NOW + 1) for number in range(count)],
        remembered=[Remembered(3, str(number), b"1") for number in range(count)],
        state=[StateWrite("many", str(number % 200), b"%d" % number, 3_000 + number) for number in range(count)],
        unique=[UniqueKey("work", str(number), NOW + 1) for number in range(count)],
    )
    assert run(store.queue.commit(effects))
    assert len(run(due(store))) == count + 1
    assert len(run(store.queue.signals("paid", after_id=0))) == count
    assert len(run(store.queue.remembered(3))) == count
    assert len(run(store.state.get_group("many"))) == 200
    assert run(store.state.get("many", "150")) == (b"150", 3_150)
    assert run(store.state.get("many", "50")) == (b"250", 3_250)


# --- conditions that do not hold


@pytest.mark.parametrize(
    "conditions",
    [
        {"unique": [UniqueKey("work", "used", NOW + 1)]},
        {"unique": [UniqueKey("work", "new", NOW + AN_HOUR), UniqueKey("work", "used", NOW + 1)]},
        {"unique": [UniqueKey("work", "new", NOW + AN_HOUR), UniqueKey("work", "new", NOW + AN_HOUR)]},
        {"answers": [(1, "wait:2")]},
        {"answers": [(2, "wait:1")]},
        {"answers": [(1, "wait:1"), (1, "wait:1")]},
        {"unique": [UniqueKey("work", "new", NOW + 1)], "answers": [(404, "wait:1")]},
        {"state": [StateWrite("g", "a", b"2", 21, expected_version=12)]},
        {"state": [StateWrite("g", "a", b"2", 21, expected_version=0)]},
        {"state": [StateWrite("g", "b", b"2", 21, expected_version=12)]},
        {"state": [StateWrite("g", "a", None, expected_version=12)]},
        {"state": [StateWrite("g", "a", None, expected_version=0)]},
        {
            "state": [
                StateWrite("g", "a", b"2", 21, expected_version=11),
                StateWrite("g", "b", b"2", 22, expected_version=12),
            ]
        },
        {"answers": [(1, "wait:1")], "state": [StateWrite("g", "a", b"2", 21, expected_version=12)]},
        {"completes": 404},
        {"unique": [UniqueKey("work", "new", NOW + 1)], "answers": [(1, "wait:1")], "completes": 404},
    ],
)
def test_nothing_is_done_when_a_condition_does_not_hold(store: Store, run: Run, conditions: dict[str, object]) -> None:
    before = run(everything(store))
    assert run(store.queue.commit(of_everything(**dict(conditions)))) is False
    assert run(everything(store)) == before
    if len(conditions.get("unique", [])) != 1 or "answers" in conditions:  # type: ignore[arg-type]  # a list
        assert run(store.queue.commit(Effects(unique=[UniqueKey("work", "new", NOW + 1)])))  # it was not used


def test_nothing_is_done_when_an_effect_cannot_be_done(store: Store, run: Run) -> None:
    before = run(everything(store))
    wrong = of_everything(unique=[UniqueKey("work", "new", NOW + 1)], completes=2)
    wrong.deliveries.append(a_delivery(3))  # is there already
    with pytest.raises((MotiaError, AssertionError)):
        run(store.queue.commit(wrong))
    assert run(everything(store)) == before


def test_neighbours_of_a_condition_that_does_not_hold_are_done(store: Store, run: Run) -> None:
    async def scenario() -> list[object]:
        return await asyncio.gather(
            store.queue.enqueue([a_delivery(51)]),
            store.queue.commit(Effects(unique=[UniqueKey("work", "x", NOW + 1)], deliveries=[a_delivery(52)])),
            store.queue.commit(Effects(unique=[UniqueKey("work", "used", NOW + 1)], deliveries=[a_delivery(53)])),
            store.queue.commit(Effects(unique=[UniqueKey("work", "x", NOW + 1)], deliveries=[a_delivery(54)])),
            store.queue.complete(a_delivery(3)),
            store.queue.commit(Effects(completes=3, deliveries=[a_delivery(55)])),
        )

    assert run(scenario()) == [None, True, False, False, None, False]
    assert list(run(stored(store))) == [2, 51, 52, 1]


# --- unique keys


def test_key_may_be_used_again_when_its_time_is_over(store: Store, run: Run, clock: FakeClock) -> None:
    def use(scope: str, key: str) -> bool:
        return run(store.queue.commit(Effects(unique=[UniqueKey(scope, key, clock.ms + 100)])))  # type: ignore[no-any-return]

    assert use("cron", "Work@1")
    assert use("cron", "work@1")
    assert use("other", "Work@1")
    clock.ms += 99
    assert not use("cron", "Work@1")
    clock.ms += 1
    assert use("cron", "Work@1")
    assert not use("cron", "Work@1")


def test_one_of_many_gets_the_key(store: Store, run: Run) -> None:
    async def scenario() -> None:
        commits = [
            store.queue.commit(Effects(unique=[UniqueKey("s", "k", NOW + 1)], deliveries=[a_delivery(number)]))
            for number in range(100, 150)
        ]
        assert sum(await asyncio.gather(*commits)) == 1
        assert sum(delivery.id >= 100 for delivery in await due(store)) == 1

    run(scenario())


# --- answers and completions


def test_answered_delivery_wakes_with_the_answer(store: Store, run: Run) -> None:
    answer = Remembered(1, "wait:1", b'{"paid":true}')
    assert run(store.queue.commit(Effects(answers=[(1, "wait:1")], remembered=[answer], wakes=[1])))
    deliveries: list[Delivery] = run(due(store))
    assert deliveries[0] == replace(a_delivery(1), has_progress=True)
    assert run(store.queue.remembered(1)) == [answer]


def test_one_of_two_answers_counts(store: Store, run: Run) -> None:
    async def scenario() -> None:
        answers = [Remembered(1, "wait:1", b"%d" % number) for number in range(2)]
        commits = (store.queue.commit(Effects(answers=[(1, "wait:1")], remembered=[one])) for one in answers)
        assert await asyncio.gather(*commits) == [True, False]
        assert await store.queue.remembered(1) == answers[:1]

    run(scenario())


def test_effects_of_a_delivery_take_effect_once(store: Store, run: Run) -> None:
    for number, expected in ((61, True), (62, False)):
        assert run(store.queue.commit(Effects(deliveries=[a_delivery(number)], completes=2))) is expected
    assert set(run(stored(store))) == {1, 3, 61}
    assert run(store.queue.remembered(2)) == []


# --- versions of state


def test_absent_and_expired_state_has_version_zero(store: Store, run: Run, clock: FakeClock) -> None:
    for key in ("b", "c"):
        clock.ms = NOW + AN_HOUR  # c's time is over
        write = StateWrite("g", key, b"9", 41, expected_version=0)
        assert run(store.queue.commit(Effects(state=[write])))
        assert run(store.state.get("g", key)) == (b"9", 41)


def test_expired_state_has_no_version_to_expect(store: Store, run: Run, clock: FakeClock) -> None:
    clock.ms += AN_HOUR
    for value in (b"9", None):
        assert not run(store.queue.commit(Effects(state=[StateWrite("g", "c", value, 41, expected_version=13)])))


def test_state_of_the_expected_version_is_removed(store: Store, run: Run) -> None:
    removes = [StateWrite("g", "a", None, expected_version=11), StateWrite("g", "b", None, expected_version=0)]
    assert run(store.queue.commit(Effects(state=list(removes))))
    assert run(store.state.get_group("g")) == [("c", b"3")]


def test_conditions_on_one_key_see_each_other(store: Store, run: Run) -> None:
    first = StateWrite("g", "a", b"2", 41, expected_version=11)
    assert run(store.queue.commit(Effects(state=[first, StateWrite("g", "a", b"3", 42, expected_version=41)])))
    assert run(store.state.get("g", "a")) == (b"3", 42)
    wrong = [StateWrite("g", "a", b"4", 43, expected_version=42), StateWrite("g", "a", b"5", 44, expected_version=42)]
    assert not run(store.queue.commit(Effects(state=list(wrong))))
    assert run(store.state.get("g", "a")) == (b"3", 42)
