"""Items of streams, and the log of what happens to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from motia_core.model.effects import Effects, StreamEvent, StreamWrite
from motia_core.model.stream import Address, Change, ChangeKind, Member, Snapshot, StoredItem
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import BEGINNING, changes
from tests.fakes.sidecars import FakeClock

NOW = FakeClock.ms
GROUP = Address("s", "g")
ONE = Address("s", "g", "1")
CREATE, UPDATE, DELETE, EVENT = ChangeKind.CREATE, ChangeKind.UPDATE, ChangeKind.DELETE, ChangeKind.EVENT


def item(item_id: str) -> Address:
    return GROUP._replace(item_id=item_id)


async def ids(store: Store, stream: str = "s", group: str = "g") -> list[str]:
    return [found.item_id for found in await store.streams.get_group(stream, group)]


async def log(store: Store, address: Address = GROUP) -> list[tuple[str, str, bytes]]:
    return await changes(store, address)


class Ear:
    """Hears of changes."""

    def __init__(self) -> None:
        self.heard: list[Change] = []
        self.position = 0
        self.more = asyncio.Event()

    def __call__(self, changes: Sequence[Change], position: int) -> None:
        self.heard += changes
        assert position > self.position
        self.position = position
        self.more.set()

    async def until(self, count: int) -> list[Change]:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self.more.clear()
                await self.more.wait()
        return self.heard


def test_item_keeps_the_time_when_it_was_first_set(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        first = await store.streams.set(ONE, b"{}")
        assert first[:3] == ("1", b"{}", NOW)
        clock.ms += 100
        second = await store.streams.set(ONE, b'{"a":1}')
        assert second[:3] == ("1", b'{"a":1}', NOW)
        assert second.version > first.version
        assert await store.streams.get(ONE) == second

    run(scenario())


def test_item_set_in_the_same_millisecond_is_not_new_twice(store: Store, run: Run) -> None:
    async def scenario() -> None:
        await asyncio.gather(*(store.streams.set(ONE, b"%d" % n) for n in range(5)))
        kinds = [kind for _, kind, _ in await log(store)]
        assert kinds == [CREATE, UPDATE, UPDATE, UPDATE, UPDATE]
        found = await store.streams.get(ONE)
        assert found is not None
        assert found.item == b"4"

    run(scenario())


def test_deleted_item_is_returned_and_is_new_afterwards(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        stored = await store.streams.set(ONE, b"{}")
        assert await store.streams.delete(ONE) == stored
        assert await store.streams.delete(ONE) is None
        assert await store.streams.get(ONE) is None
        clock.ms += 100
        assert (await store.streams.set(ONE, b"{}")).created_ms == NOW + 100
        assert [kind for _, kind, _ in await log(store)] == [CREATE, DELETE, CREATE]

    run(scenario())


def test_items_of_a_group_are_in_the_order_of_creation(store: Store, run: Run) -> None:
    async def scenario() -> None:
        for item_id in ("c", "a", "b"):
            await store.streams.set(item(item_id), b"{}")
        await store.streams.set(item("c"), b"again")
        await store.streams.delete(item("a"))
        await store.streams.set(item("a"), b"late")
        found = await store.streams.get_group("s", "g")
        assert [(one.item_id, one.item) for one in found] == [("c", b"again"), ("b", b"{}"), ("a", b"late")]

    run(scenario())


def test_streams_and_groups_are_matched_exactly(store: Store, run: Run) -> None:
    async def scenario() -> None:
        await store.streams.set(ONE, b"1")
        await store.streams.set(Address("s", "g2", "1"), b"2")
        await store.streams.set(Address("s2", "g", "1"), b"3")
        assert [one.item for one in await store.streams.get_group("s", "g")] == [b"1"]
        assert await store.streams.get_group("s", "") == []
        assert await store.streams.get(Address("s2", "g2", "1")) is None
        assert [data for _, _, data in await log(store)] == [b"1"]
        assert await log(store, Address("s", "")) == []

    run(scenario())


def test_group_is_read_page_by_page(store: Store, run: Run) -> None:
    async def scenario() -> None:
        for number in range(5):
            await store.streams.set(item(str(number)), b"{}")
        first = await store.streams.page("s", "g", after=0, limit=2)
        await store.streams.delete(item("1"))  # a page goes on after a place, there or not
        second = await store.streams.page("s", "g", after=first[-1][0], limit=2)
        third = await store.streams.page("s", "g", after=second[-1][0], limit=2)
        found = [[one.item_id for _, one in page] for page in (first, second, third)]
        assert found == [["0", "1"], ["2", "3"], ["4"]]

    run(scenario())


# --- conditions


def test_item_is_written_if_it_has_the_version(store: Store, run: Run) -> None:
    async def scenario() -> None:
        streams = store.streams
        first = await streams.compare_and_set(ONE, b"1", expected=0)
        assert first is not None
        assert await streams.compare_and_set(ONE, b"2", expected=0) is None
        assert await streams.compare_and_set(ONE, b"2", expected=first.version + 1) is None
        second = await streams.compare_and_set(ONE, b"2", expected=first.version)
        assert second is not None
        assert second.created_ms == first.created_ms
        assert await streams.get(ONE) == second
        assert await streams.compare_and_set(ONE, None, expected=first.version) is None
        assert await streams.compare_and_set(ONE, None, expected=second.version) is not None
        assert await streams.get(ONE) is None
        assert await log(store) == [("1", CREATE, b"1"), ("1", UPDATE, b"2"), ("1", DELETE, b"2")]

    run(scenario())


def test_one_of_many_writers_wins(store: Store, run: Run) -> None:
    async def scenario() -> None:
        answers = await asyncio.gather(*(store.streams.compare_and_set(ONE, b"%d" % n, expected=0) for n in range(9)))
        assert sum(answer is not None for answer in answers) == 1
        assert len(await log(store)) == 1

    run(scenario())


# --- time to live, number of items


def test_item_is_gone_when_its_time_is_over(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        streams = store.streams
        stored = await streams.set(ONE, b"{}", ttl_ms=100)
        await streams.set(item("2"), b"{}", ttl_ms=300)
        await streams.set(item("3"), b"{}")
        assert await streams.expire(limit=10) == (0, NOW + 100)
        clock.ms += 100
        assert await streams.get(ONE) is None
        assert await ids(store) == ["2", "3"]
        assert (await streams.snapshot(ONE)).items == []
        assert [one.item_id for one in (await streams.snapshot(GROUP)).items] == ["2", "3"]
        assert await streams.expire(limit=10) == (1, NOW + 300)
        assert (await log(store))[-1] == ("1", DELETE, b"{}")
        assert await streams.compare_and_set(ONE, b"9", expected=stored.version) is None
        clock.ms += 1_000
        assert await streams.expire(limit=10) == (1, 0)

    run(scenario())


def test_item_that_is_set_again_lives_on(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        await store.streams.set(ONE, b"{}", ttl_ms=100)
        clock.ms += 60
        await store.streams.set(ONE, b"{}", ttl_ms=100)
        clock.ms += 60
        assert await store.streams.get(ONE) is not None
        assert await store.streams.expire(limit=10) == (0, NOW + 160)

    run(scenario())


def test_expired_item_can_be_added_before_it_is_removed(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        await store.streams.set(ONE, b"1", ttl_ms=100)
        clock.ms += 100
        assert await store.streams.compare_and_set(ONE, b"2", expected=0) is not None
        assert (await log(store))[-1] == ("1", UPDATE, b"2")  # those who watch had it all the time
        assert await store.streams.expire(limit=10) == (0, 0)

    run(scenario())


def test_items_expire_a_few_at_a_time(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        for number in range(7):
            await store.streams.set(item(str(number)), b"{}", ttl_ms=10 + number)
        clock.ms += 1_000
        counts = [(await store.streams.expire(limit=3))[0] for _ in range(4)]
        assert counts == [3, 3, 1, 0]
        removed = [item_id for item_id, kind, _ in await log(store) if kind == DELETE]
        assert removed == [str(number) for number in range(7)]

    run(scenario())


def test_oldest_items_make_room(store: Store, run: Run) -> None:
    async def scenario() -> None:
        for item_id in "abc":
            await store.streams.set(item(item_id), b"{}", max_items=3)
        await store.streams.set(item("a"), b"again", max_items=3)  # it is there: no room is needed
        assert await ids(store) == ["a", "b", "c"]
        await store.streams.set(item("d"), b"{}", max_items=3)
        assert await ids(store) == ["b", "c", "d"]
        await store.streams.set(item("e"), b"{}", max_items=2)  # fewer than before
        assert await ids(store) == ["d", "e"]
        await store.streams.compare_and_set(item("f"), b"{}", expected=0, max_items=2)
        assert await ids(store) == ["e", "f"]
        await store.streams.set(Address("s", "other", "x"), b"{}", max_items=1)
        assert await ids(store) == ["e", "f"]
        assert [(item_id, kind) for item_id, kind, _ in (await log(store))[4:]] == [
            ("a", DELETE), ("d", CREATE), ("b", DELETE), ("c", DELETE), ("e", CREATE), ("d", DELETE), ("f", CREATE),
        ]  # fmt: skip

    run(scenario())


# --- the log


def test_changes_are_told_in_order_once_each(store: Store, run: Run) -> None:
    async def scenario() -> None:
        ear = Ear()
        start = await store.streams.follow(ear)
        await asyncio.gather(
            *(store.streams.set(item(str(n % 7)), b"%d" % n) for n in range(40)),
            *(store.streams.send(GROUP, b'{"type":"x"}') for _ in range(10)),
            *(store.streams.delete(item("missing")) for _ in range(10)),
        )
        heard = await ear.until(50)
        await asyncio.sleep(0.05)
        assert len(heard) == 50
        sequences = [change.sequence for change in heard]
        assert sequences == sorted(set(sequences))
        assert sequences[0] > start
        assert sum(change.kind is EVENT for change in heard) == 10
        missed = await store.streams.changes(GROUP, after=max(start, BEGINNING), limit=1_000)
        assert missed is not None
        assert missed[1] == heard
        await store.streams.unfollow()
        await store.streams.set(ONE, b"{}")
        assert len(heard) == 50

    run(scenario())


def test_many_changes_are_told(store: Store, run: Run) -> None:
    async def scenario() -> None:
        ear = Ear()
        await store.streams.follow(ear)
        for _ in range(6):
            await asyncio.gather(*(store.streams.set(item(str(n)), b"{}") for n in range(500)))
        assert len(await ear.until(3_000)) == 3_000

    run(scenario())


def test_effects_are_logged(store: Store, run: Run) -> None:
    async def scenario() -> None:
        ear = Ear()
        await store.streams.follow(ear)
        writes: list[StreamWrite | StreamEvent] = [
            StreamWrite(ONE, b"1", NOW),
            StreamEvent(GROUP, b'{"type":"x"}'),
            StreamWrite(ONE, b"2", NOW),
            StreamWrite(ONE, None),
        ]
        assert await store.queue.commit(Effects(streams=writes))
        found = [(change.item_id, change.kind, change.data) for change in await ear.until(4)]
        assert found == [("1", CREATE, b"1"), ("", EVENT, b'{"type":"x"}'), ("1", UPDATE, b"2"), ("1", DELETE, b"2")]

    run(scenario())


def test_effects_have_conditions(store: Store, run: Run) -> None:
    async def scenario() -> None:
        stored = await store.streams.set(ONE, b"1")
        other = StreamWrite(item("2"), b"{}", NOW)
        wrong = StreamWrite(ONE, b"2", NOW, expected_version=stored.version + 1)
        assert not await store.queue.commit(Effects(streams=[other, wrong]))
        assert await ids(store) == ["1"]
        right = StreamWrite(ONE, b"2", NOW, expected_version=stored.version)
        new = StreamWrite(item("3"), b"3", NOW, expected_version=0)
        assert await store.queue.commit(Effects(streams=[other, right, new]))
        assert await ids(store) == ["1", "2", "3"]
        assert not await store.queue.commit(Effects(streams=[new]))
        assert len(await log(store)) == 4

    run(scenario())


def test_snapshot_has_everything_up_to_its_sequence(store: Store, run: Run) -> None:
    async def scenario() -> None:
        assert await store.streams.snapshot(GROUP) == Snapshot(0, [])
        first = await store.streams.set(ONE, b"1")
        second = await store.streams.set(item("2"), b"2")
        snapshot = await store.streams.snapshot(GROUP)
        assert snapshot == Snapshot(second.version, [first, second])
        assert await store.streams.snapshot(ONE) == Snapshot(second.version, [first])
        assert await store.streams.snapshot(item("9")) == Snapshot(second.version, [])
        assert await store.streams.changes(GROUP, after=snapshot.sequence, limit=9) == (snapshot.sequence, [])

    run(scenario())


def test_snapshots_and_changes_fit_together(store: Store, run: Run) -> None:
    async def scenario() -> None:
        async def write(number: int) -> None:
            for n in range(20):
                await store.streams.set(item(str((number + n) % 5)), b"%d" % n)

        async def read() -> list[Snapshot]:
            return [await store.streams.snapshot(GROUP) for _ in range(30)]

        await store.streams.set(ONE, b"{}")
        snapshots, *_ = await asyncio.gather(read(), *map(write, range(8)))
        for snapshot in snapshots:
            items = {one.item_id: one.item for one in snapshot.items}
            found = await store.streams.changes(GROUP, after=snapshot.sequence, limit=1_000)
            assert found is not None
            for change in found[1]:
                items[change.item_id] = change.data
            assert items == {one.item_id: one.item for one in await store.streams.get_group("s", "g")}

    run(scenario())


def test_changes_of_an_item_are_only_its_own(store: Store, run: Run) -> None:
    async def scenario() -> None:
        await store.streams.set(ONE, b"1")
        await store.streams.set(item("2"), b"2")
        await store.streams.send(ONE, b'{"type":"x"}')
        await store.streams.send(GROUP, b'{"type":"y"}')
        await store.streams.join(GROUP, Member("1", b"{}"))
        assert await log(store, ONE) == [("1", CREATE, b"1"), ("1", EVENT, b'{"type":"x"}')]
        assert len(await log(store)) == 4

    run(scenario())


def test_changes_that_are_not_all_there_are_not_told(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        versions = []
        for number in range(6):
            clock.ms += 1_000
            versions.append((await store.streams.set(item(str(number)), b"{}")).version)
        streams = store.streams
        assert await streams.changes(GROUP, after=versions[1], limit=3) is None
        assert await streams.changes(GROUP, after=versions[2], limit=3) is not None
        assert await streams.changes(GROUP, after=versions[5] + 1, limit=3) is None  # of another database
        assert await streams.trim(keep=100, oldest_ms=NOW + 2_500, limit=1) == 1
        assert await streams.trim(keep=100, oldest_ms=NOW + 2_500, limit=10) == 1
        assert await streams.trim(keep=100, oldest_ms=NOW + 2_500, limit=10) == 0
        assert await streams.changes(GROUP, after=versions[0], limit=10) is None
        assert await streams.changes(GROUP, after=versions[1], limit=10) is not None
        assert await streams.trim(keep=1, oldest_ms=0, limit=10) == 3
        assert await streams.changes(GROUP, after=versions[3], limit=10) is None
        assert await streams.changes(GROUP, after=versions[4], limit=10) is not None
        assert await ids(store) == [str(number) for number in range(6)]
        assert (await streams.set(ONE, b"{}")).version > versions[5]

    run(scenario())


def test_sequences_grow_when_the_clock_goes_back(store: Store, run: Run, clock: FakeClock) -> None:
    async def scenario() -> None:
        first = await store.streams.set(ONE, b"1")
        clock.ms -= 60_000
        second = await store.streams.set(ONE, b"2")
        assert second.version > first.version
        assert len(await log(store)) == 2

    run(scenario())


# --- members


def test_members_come_and_go(store: Store, run: Run) -> None:
    async def scenario() -> None:
        ear = Ear()
        await store.streams.follow(ear)
        await store.streams.join(GROUP, Member("b", b'{"n":1}'))
        await store.streams.join(GROUP, Member("a", b"{}"))
        await store.streams.join(Address("s", "other"), Member("c", b"{}"))
        await store.streams.join(GROUP, Member("b", b'{"n":2}'))
        assert await store.streams.members(GROUP) == [Member("a", b"{}"), Member("b", b'{"n":2}')]
        await store.streams.leave(GROUP, "a")
        assert await store.streams.members(GROUP) == [Member("b", b'{"n":2}')]
        heard = await ear.until(5)
        assert [(change.item_id, change.kind) for change in heard if change.group == "g"] == [
            ("b", ChangeKind.JOIN), ("a", ChangeKind.JOIN), ("b", ChangeKind.JOIN), ("a", ChangeKind.LEAVE),
        ]  # fmt: skip

    run(scenario())


@pytest.mark.parametrize("text", ["", "ü\n'\"%_*?[", "x" * 500])
def test_names_are_any_text(store: Store, run: Run, text: str) -> None:
    async def scenario() -> None:
        address = Address("s", text, text or "1")
        stored = await store.streams.set(address, b"{}")
        assert await store.streams.get(address) == stored == StoredItem(address.item_id, b"{}", NOW, stored.version)
        assert await ids(store, "s", text) == [address.item_id]

    run(scenario())
