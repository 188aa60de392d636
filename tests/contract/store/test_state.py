"""Groups of keys."""

from __future__ import annotations

import asyncio

from motia_core.store import Store
from tests.contract.store.conftest import Run


def test_value_is_read_as_it_was_set(store: Store, run: Run) -> None:
    for value in (b"null", b"0", b'""', b"", '{"ü":"🚀"}'.encode(), b"x" * 3_000_000):
        run(store.state.set("group", "key", value))
        assert run(store.state.get("group", "key")) == value


def test_missing_value_is_none(store: Store, run: Run) -> None:
    assert run(store.state.get("group", "key")) is None
    assert run(store.state.delete("group", "key")) is None


def test_delete_returns_what_was_there(store: Store, run: Run) -> None:
    run(store.state.set("group", "key", b"1"))
    assert run(store.state.delete("group", "key")) == b"1"
    assert run(store.state.get("group", "key")) is None


def test_group_is_matched_exactly(store: Store, run: Run) -> None:
    for group in ("order", "order:1", "order%", "Order", "", "*"):
        run(store.state.set(group, "key", group.encode()))
    assert run(store.state.get_group("order")) == [b"order"]
    assert run(store.state.get_group("*")) == [b"*"]
    assert run(store.state.get_group("ord")) == []
    run(store.state.clear("order"))
    assert run(store.state.get_group("order")) == []
    assert run(store.state.get("order:1", "key")) == b"order:1"
    assert run(store.state.get("order%", "key")) == b"order%"


def test_values_of_a_group_are_ordered_by_key(store: Store, run: Run) -> None:
    keys = ["b", "a", "ü", "Z", "", "🚀", "\uffff", "a\x00b"]
    for key in keys:
        run(store.state.set("group", key, key.encode()))
    assert run(store.state.get_group("group")) == [key.encode() for key in sorted(keys)]


def test_calls_on_one_key_take_effect_in_order_when_made_at_once(store: Store, run: Run) -> None:
    async def scenario() -> tuple[list[object], bytes | None]:
        answers = await asyncio.gather(
            store.state.set("g", "k", b"1"),
            store.state.set("g", "k", b"2"),
            store.state.delete("g", "k"),
            store.state.set("g", "k", b"3"),
            store.state.clear("g"),
            store.state.delete("g", "k"),
            store.state.set("g", "k", b"4"),
            store.state.set("g", "other", b"x"),
            store.state.set("g", "k", b"5"),
        )
        return list(answers), await store.state.get("g", "k")

    answers, last = run(scenario())
    assert answers == [None, None, b"2", None, None, None, None, None, None]
    assert last == b"5"


def test_get_sees_every_set_that_was_awaited(store: Store, run: Run) -> None:
    async def caller(key: str) -> None:
        for turn in range(30):
            await store.state.set("g", key, b"%d" % turn)
            assert await store.state.get("g", key) == b"%d" % turn

    async def scenario() -> None:
        await asyncio.gather(*(caller(str(number)) for number in range(20)))

    run(scenario())


def test_read_sees_a_write_of_its_group_that_is_still_under_way(store: Store, run: Run) -> None:
    async def scenario() -> None:
        for number in range(50):
            value = str(number).encode()
            setting = asyncio.ensure_future(store.state.set("g", "k", value))
            await asyncio.sleep(0)
            assert await store.state.get("g", "k") == value
            assert await store.state.get_group("g") == [value]
            await setting

    run(scenario())
