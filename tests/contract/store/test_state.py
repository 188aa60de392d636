"""Groups of keys."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.fakes.sidecars import FakeClock

NOW = FakeClock.ms
_versions = count(1)


def put(store: Store, run: Run, key: str, value: bytes = b"1", *, group: str = "g", expires_ms: int = 0) -> int:
    """Set a value; its version."""
    version = next(_versions)
    run(store.state.set(group, key, value, version=version, expires_ms=expires_ms))
    return version


def get(store: Store, run: Run, key: str, group: str = "g") -> bytes | None:
    found = run(store.state.get(group, key))
    return found[0] if found else None


# --- get, set, delete, clear


def test_value_is_read_as_it_was_set(store: Store, run: Run) -> None:
    for value in (b"null", b"0", b'""', b"", '{"ü":"🚀"}'.encode(), b"x" * 3_000_000):
        version = put(store, run, "key", value)
        assert run(store.state.get("g", "key")) == (value, version)


def test_missing_value_is_none(store: Store, run: Run) -> None:
    assert run(store.state.get("g", "key")) is None
    assert run(store.state.delete("g", "key")) is None


def test_delete_returns_what_was_there(store: Store, run: Run) -> None:
    put(store, run, "key")
    assert run(store.state.delete("g", "key")) == b"1"
    assert run(store.state.get("g", "key")) is None


def test_group_is_matched_exactly(store: Store, run: Run) -> None:
    for group in ("order", "order:1", "order%", "Order", "", "*"):
        put(store, run, "key", group.encode(), group=group)
    assert run(store.state.get_group("order")) == [("key", b"order")]
    assert run(store.state.get_group("*")) == [("key", b"*")]
    assert run(store.state.get_group("ord")) == []
    run(store.state.clear("order"))
    assert run(store.state.get_group("order")) == []
    assert get(store, run, "key", "order:1") == b"order:1"
    assert get(store, run, "key", "order%") == b"order%"


def test_values_of_a_group_are_ordered_by_key(store: Store, run: Run) -> None:
    keys = ["b", "a", "ü", "Z", "", "🚀", "\uffff", "a b"]
    for key in keys:
        put(store, run, key, key.encode())
    assert run(store.state.get_group("g")) == [(key, key.encode()) for key in sorted(keys)]


# --- versions


def test_value_is_replaced_if_it_has_the_expected_version(store: Store, run: Run) -> None:
    version = put(store, run, "k")
    swap = store.state.compare_and_set
    assert run(swap("g", "k", b"2", expected=version, version=901)) is True
    assert run(swap("g", "k", b"3", expected=version, version=902)) is False
    assert run(swap("g", "k", b"3", expected=0, version=902)) is False
    assert run(store.state.get("g", "k")) == (b"2", 901)


def test_missing_value_has_version_zero(store: Store, run: Run) -> None:
    swap = store.state.compare_and_set
    assert run(swap("g", "k", b"1", expected=7, version=901)) is False
    assert run(swap("g", "k", b"1", expected=0, version=902)) is True
    assert run(store.state.get("g", "k")) == (b"1", 902)


def test_value_is_removed_if_it_has_the_expected_version(store: Store, run: Run) -> None:
    version = put(store, run, "k")
    swap = store.state.compare_and_set
    assert run(swap("g", "k", None, expected=version + 1, version=901)) is False
    assert run(swap("g", "k", None, expected=0, version=901)) is False
    assert get(store, run, "k") == b"1"
    assert run(swap("g", "k", None, expected=version, version=901)) is True
    assert get(store, run, "k") is None
    assert run(swap("g", "k", None, expected=0, version=901)) is True
    assert run(swap("g", "k", None, expected=version, version=901)) is False


def test_every_increment_counts(store: Store, run: Run) -> None:
    async def increment() -> None:
        while True:
            value, version = await store.state.get("g", "k") or (b"0", 0)
            new = b"%d" % (int(value) + 1)
            if await store.state.compare_and_set("g", "k", new, expected=version, version=next(_versions)):
                return

    async def scenario() -> None:
        await asyncio.gather(*(increment() for _ in range(30)))

    run(scenario())
    assert get(store, run, "k") == b"30"


# --- order


def test_calls_on_one_key_take_effect_in_order_when_made_at_once(store: Store, run: Run) -> None:
    async def scenario() -> tuple[list[object], tuple[bytes, int] | None]:
        state = store.state
        answers = await asyncio.gather(
            state.set("g", "k", b"1", version=1),
            state.set("g", "k", b"2", version=2),
            state.delete("g", "k"),
            state.set("g", "k", b"3", version=3),
            state.compare_and_set("g", "k", b"4", expected=3, version=4),
            state.compare_and_set("g", "k", b"5", expected=3, version=5),
            state.clear("g"),
            state.delete("g", "k"),
            state.compare_and_set("g", "k", b"6", expected=0, version=6),
            state.set("g", "k", b"7", version=7),
            state.set("g", "other", b"x", version=8),
            state.set("g", "k", b"8", version=9),
        )
        return list(answers), await state.get("g", "k")

    answers, last = run(scenario())
    assert answers == [None, None, b"2", None, True, False, None, None, True, None, None, None]
    assert last == (b"8", 9)


def test_get_sees_every_set_that_was_awaited(store: Store, run: Run) -> None:
    async def caller(key: str) -> None:
        for turn in range(30):
            await store.state.set("g", key, b"%d" % turn, version=turn + 1)
            assert await store.state.get("g", key) == (b"%d" % turn, turn + 1)

    async def scenario() -> None:
        await asyncio.gather(*(caller(str(number)) for number in range(20)))

    run(scenario())


def test_read_sees_a_write_of_its_group_that_is_still_under_way(store: Store, run: Run) -> None:
    async def scenario() -> None:
        for number in range(1, 50):
            value = str(number).encode()
            setting = asyncio.ensure_future(store.state.set("g", "k", value, version=number))
            await asyncio.sleep(0)
            assert await store.state.get("g", "k") == (value, number)
            assert await store.state.get_group("g") == [("k", value)]
            assert await store.state.page("g", prefix="", after_key="", limit=9) == [("k", value)]
            await setting

    run(scenario())


# --- expiry


def test_expired_value_is_not_there(store: Store, run: Run, clock: FakeClock) -> None:
    version = put(store, run, "k", b"1", expires_ms=NOW + 100)
    put(store, run, "other", b"2")
    clock.ms += 99
    assert get(store, run, "k") == b"1"
    assert run(store.state.get_group("g")) == [("k", b"1"), ("other", b"2")]
    clock.ms += 1
    state = store.state
    assert run(state.get("g", "k")) is None
    assert run(state.get_group("g")) == [("other", b"2")]
    assert run(state.page("g", prefix="", after_key="", limit=9)) == [("other", b"2")]
    assert run(state.compare_and_set("g", "k", b"3", expected=version, version=901)) is False
    assert run(state.compare_and_set("g", "k", None, expected=version, version=901)) is False
    assert run(state.compare_and_set("g", "k", None, expected=0, version=901)) is True
    assert run(state.delete("g", "k")) is None
    assert run(state.compare_and_set("g", "k", b"4", expected=0, version=902)) is True
    clock.ms += 10_000
    assert run(state.get("g", "k")) == (b"4", 902)  # without an end: that of the value before is not its own


def test_set_over_an_expired_value_is_new(store: Store, run: Run, clock: FakeClock) -> None:
    put(store, run, "k", b"1", expires_ms=NOW + 100)
    clock.ms += 200
    put(store, run, "k", b"2")
    assert get(store, run, "k") == b"2"


def test_set_without_an_end_lifts_the_one_before(store: Store, run: Run, clock: FakeClock) -> None:
    put(store, run, "k", b"1", expires_ms=NOW + 100)
    put(store, run, "k", b"2")
    clock.ms += 200
    assert get(store, run, "k") == b"2"


@pytest.mark.parametrize(("expires_ms", "lives_on"), [(None, False), (0, True), (NOW + 900, True), (NOW + 50, False)])
def test_swap_leaves_or_changes_the_end(
    store: Store, run: Run, clock: FakeClock, expires_ms: int | None, lives_on: bool
) -> None:
    version = put(store, run, "k", b"1", expires_ms=NOW + 100)
    swap = store.state.compare_and_set
    assert run(swap("g", "k", b"2", expected=version, version=901, expires_ms=expires_ms)) is True
    assert get(store, run, "k") == b"2"
    clock.ms += 100
    assert (get(store, run, "k") is not None) is lives_on


def test_swapped_in_value_expires(store: Store, run: Run, clock: FakeClock) -> None:
    assert run(store.state.compare_and_set("g", "k", b"1", expected=0, version=1, expires_ms=NOW + 10))
    clock.ms += 10
    assert get(store, run, "k") is None


# --- pages

_LAST = "\U0010ffff"
KEYS = [
    *("", "a", "a%", "a%b", "aXb", "a_", "a_c", "ab", "b", "ü", "üa", "ý"),
    *("\ud7ff", "\ud7ffx", "\ue000", "\uffff", "🚀", "🚀a", _LAST, f"{_LAST}z", _LAST * 2),
]


@pytest.fixture
def keys(store: Store, run: Run) -> None:
    for key in KEYS:
        put(store, run, key, key.encode())
        put(store, run, key + "elsewhere", group="g2")
        put(store, run, key + "elsewhere", group="")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("limit", [2, 3, 100])
@pytest.mark.parametrize("prefix", ["", "a", "a%", "a_", "A", "ü", "\ud7ff", "🚀", _LAST, _LAST * 2, "aX", "none", "ÿ"])
def test_pages_have_all_keys_with_the_prefix_once(store: Store, run: Run, prefix: str, limit: int) -> None:
    found: list[tuple[str, bytes]] = []
    while page := run(store.state.page("g", prefix=prefix, after_key=found[-1][0] if found else "", limit=limit)):
        assert len(page) <= limit
        found += page
    expected = sorted(key for key in KEYS if key.startswith(prefix))
    assert found == [(key, key.encode()) for key in expected]


@pytest.mark.usefixtures("keys")
def test_page_goes_on_after_a_key_that_is_gone(store: Store, run: Run) -> None:
    run(store.state.delete("g", "a%b"))
    assert run(store.state.page("g", prefix="a", after_key="a%b", limit=2)) == [("aXb", b"aXb"), ("a_", b"a_")]
    assert run(store.state.page("g", prefix="a_", after_key="a", limit=1)) == [("a_", b"a_")]
    assert run(store.state.page("g", prefix="a_", after_key="b", limit=1)) == []
