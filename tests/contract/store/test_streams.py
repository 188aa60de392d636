"""Items of streams."""

from __future__ import annotations

import asyncio

from motia_core.store import Store
from tests.contract.store.conftest import Run


def test_item_keeps_the_time_when_it_was_first_set(store: Store, run: Run) -> None:
    assert run(store.streams.set("chat", "room", "1", b"{}", 100)) == (True, 100)
    assert run(store.streams.set("chat", "room", "1", b'{"a":1}', 200)) == (False, 100)
    assert run(store.streams.get("chat", "room", "1")) == (b'{"a":1}', 100)


def test_item_set_in_the_same_millisecond_is_not_new_twice(store: Store, run: Run) -> None:
    async def scenario() -> list[tuple[bool, int]]:
        return list(await asyncio.gather(*(store.streams.set("s", "g", "1", b"%d" % n, 100) for n in range(5))))

    assert run(scenario()) == [(True, 100)] + [(False, 100)] * 4
    assert run(store.streams.get("s", "g", "1")) == (b"4", 100)


def test_deleted_item_is_returned_and_is_new_afterwards(store: Store, run: Run) -> None:
    run(store.streams.set("s", "g", "1", b"{}", 100))
    assert run(store.streams.delete("s", "g", "1")) == (b"{}", 100)
    assert run(store.streams.delete("s", "g", "1")) is None
    assert run(store.streams.get("s", "g", "1")) is None
    assert run(store.streams.set("s", "g", "1", b"{}", 300)) == (True, 300)


def test_items_of_a_group_are_in_the_order_of_creation(store: Store, run: Run) -> None:
    for item_id in ("c", "a", "b"):
        run(store.streams.set("s", "g", item_id, item_id.encode(), 100))
    run(store.streams.set("s", "g", "c", b"again", 200))
    run(store.streams.delete("s", "g", "a"))
    run(store.streams.set("s", "g", "a", b"late", 50))
    assert run(store.streams.get_group("s", "g")) == [("c", b"again", 100), ("b", b"b", 100), ("a", b"late", 50)]


def test_streams_and_groups_are_matched_exactly(store: Store, run: Run) -> None:
    run(store.streams.set("s", "g", "1", b"1", 1))
    run(store.streams.set("s", "g2", "1", b"2", 1))
    run(store.streams.set("s2", "g", "1", b"3", 1))
    assert run(store.streams.get_group("s", "g")) == [("1", b"1", 1)]
    assert run(store.streams.get_group("s", "")) == []
    assert run(store.streams.get("s2", "g2", "1")) is None
