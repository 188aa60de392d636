"""State for handlers: answers, the order of writes, and updates that never lose each other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motia_core.engine import state as module
from motia_core.engine.state import State
from motia_core.errors import InternalError, PatchError, StoreUnavailableError
from motia_core.model.ids import IdSource
from tests.fakes.memory import Memory
from tests.fakes.sidecars import FakeClock, FakeLog, settle
from tests.fakes.store import FakeState

INCREMENT = b'[{"type":"increment","path":""}]'


def append(value: object) -> bytes:
    return json.dumps([{"type": "append", "path": "", "value": value}]).encode()


class Rig:
    """State over a store in memory, as many cores of it as wanted."""

    def __init__(self, before: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.clock = FakeClock()
        self.memory = Memory(clock=self.clock)
        self.calls: list[str] = []
        self.hook = before
        self.memory.before = self._before
        self.store = FakeState(self.memory)
        self.ids = IdSource(self.clock)
        self.log = FakeLog()
        self.state = self.core()

    def core(self, limit: int = 1_000) -> State:
        return State(self.store, self.ids, self.clock, self.log, max_value_bytes=limit)

    async def _before(self, method: str) -> None:
        self.calls.append(method.rpartition(".")[2])
        if self.hook:
            await self.hook(method)

    def take_time(self, random: Random) -> None:
        """The store takes its time, and keeps the order in which it is asked, as the port promises."""
        turn = asyncio.Lock()

        async def begin(method: str) -> None:
            await turn.acquire()
            for _ in range(random.randrange(4)):
                await asyncio.sleep(0)

        async def end(method: str) -> None:
            turn.release()

        self.hook, self.memory.after = begin, end

    async def value(self, key: str = "k") -> Any:
        return json.loads(await self.state.get("g", key))

    async def version(self) -> int:
        return int(json.loads(await self.state.get_versioned("g", "k"))["version"])


def run(scenario: Callable[[Rig], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario(Rig())

    asyncio.run(main())


@asynccontextmanager
async def held(rig: Rig, method: str) -> AsyncIterator[asyncio.Event]:
    """The store does not come to an operation before the event is set."""
    go = asyncio.Event()

    async def wait(called: str) -> None:
        if called.endswith(f".{method}"):
            await go.wait()

    rig.hook = wait
    yield go
    go.set()


# --- answers


def test_value_is_set_read_and_removed() -> None:
    async def scenario(rig: Rig) -> None:
        assert await rig.state.get("g", "k") == b"null"
        assert await rig.state.set("g", "k", b'{"a":1.10}', 0) == b"null"
        assert await rig.state.get("g", "k") == b'{"a":1.10}'
        assert await rig.state.delete("g", "k") == b'{"a":1.10}'
        assert await rig.state.delete("g", "k") == b"null"

    run(scenario)


def test_value_with_a_time_to_live_goes() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.state.set("g", "k", b"1", 500)
        rig.clock.ms += 499
        assert await rig.value() == 1
        rig.clock.ms += 1
        assert await rig.value() is None
        assert await rig.version() == 0

    run(scenario)


def test_update_keeps_the_time_to_live_and_starts_anew_after_it() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.state.set("g", "k", b"1", 500)
        assert await rig.state.update("g", "k", INCREMENT) == b"2"
        rig.clock.ms += 500
        assert await rig.value() is None
        assert await rig.state.update("g", "k", INCREMENT) == b"1"
        rig.clock.ms += 5_000
        assert await rig.value() == 1

    run(scenario)


def test_compare_and_set_writes_only_over_the_expected_version() -> None:
    async def scenario(rig: Rig) -> None:
        first = json.loads(await rig.state.compare_and_set("g", "k", 0, b"1", 0))
        assert first == {"ok": True, "version": await rig.version()}
        assert json.loads(await rig.state.compare_and_set("g", "k", 0, b"2", 0)) == {**first, "ok": False}
        second = json.loads(await rig.state.compare_and_set("g", "k", first["version"], b"2", 0))
        assert second["ok"]
        assert second["version"] > first["version"]
        assert await rig.state.get_versioned("g", "k") == b'{"value":2,"version":%d}' % second["version"]
        await rig.state.delete("g", "k")
        gone = json.loads(await rig.state.compare_and_set("g", "k", second["version"], b"3", 0))
        assert gone == {"ok": False, "version": 0}

    run(scenario)


def test_every_write_changes_the_version() -> None:
    async def scenario(rig: Rig) -> None:
        seen = []
        for write in (rig.state.set("g", "k", b"1", 0), rig.state.update("g", "k", INCREMENT)):
            await write
            seen.append(await rig.version())
        await rig.state.delete("g", "k")
        await rig.state.set("g", "k", b"2", 0)
        seen.append(await rig.version())
        assert sorted(set(seen)) == seen

    run(scenario)


def test_group_is_read_and_cleared() -> None:
    async def scenario(rig: Rig) -> None:
        for key in ("b", "a"):
            await rig.state.set("g", key, json.dumps(key).encode(), 0)
        await rig.state.set("g2", "c", b"3", 0)
        assert await rig.state.get_group("g") == b'["a","b"]'
        assert await rig.state.clear("g") == b"null"
        assert await rig.state.get_group("g") == b"[]"
        assert await rig.state.get_group("g2") == b"[3]"

    run(scenario)


async def listed(rig: Rig, prefix: str = "", limit: int = 0) -> tuple[list[str], int]:
    """All keys of a listing, and how many pages it took."""
    keys: list[str] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        page = json.loads(await rig.state.list_keys("g", prefix, cursor, limit))
        keys += [item["key"] for item in page["items"]]
        cursor, pages = page["cursor"], pages + 1
    return keys, pages


KEYS = ["", "\n", '"', "a", "a/b", "aa", "b", "z", "é", "日", "😀"]


@pytest.mark.parametrize("limit", range(1, 13))
def test_listing_gives_every_key_once_in_order(limit: int) -> None:
    async def scenario(rig: Rig) -> None:
        for key in reversed(KEYS):
            await rig.state.set("g", key, b"1", 0)
        assert await listed(rig, limit=limit) == (KEYS, -(-len(KEYS) // limit))
        assert (await listed(rig, "a", limit))[0] == ["a", "a/b", "aa"]
        assert await listed(rig, "nothing", limit) == ([], 1)

    run(scenario)


def test_listing_has_values_and_its_own_limits() -> None:
    async def scenario(rig: Rig) -> None:
        for number in range(1_200):
            await rig.state.set("g", f"{number:04}", b"%d" % number, 0)
        first = json.loads(await rig.state.list_keys("g", "", "", 0))
        assert first["items"][7] == {"key": "0007", "value": 7}
        assert len(first["items"]) == 100
        assert len(json.loads(await rig.state.list_keys("g", "", "", 5_000))["items"]) == 1_000

    run(scenario)


def test_page_of_large_values_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)

    async def scenario(rig: Rig) -> None:
        for key in "abcd":
            await rig.state.set("g", key, b'"%s"' % (b"x" * 60), 0)
        assert await listed(rig) == (list("abcd"), 4)

    run(scenario)


# --- updates


def test_update_is_answered_with_the_new_value() -> None:
    async def scenario(rig: Rig) -> None:
        operations = b'[{"type":"set","path":"/a/b","value":1},{"type":"increment","path":"/n"}]'
        assert await rig.state.update("g", "k", operations) == b'{"a":{"b":1},"n":1}'
        assert await rig.state.update("g", "k", b'[{"type":"remove","path":""}]') == b"null"
        assert await rig.value() is None

    run(scenario)


def test_update_that_cannot_be_done_changes_nothing() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.state.set("g", "k", b'"text"', 0)
        version = await rig.version()
        with pytest.raises(PatchError):
            await rig.state.update("g", "k", INCREMENT)
        assert (await rig.value(), await rig.version()) == ("text", version)

    run(scenario)


def test_update_that_changes_nothing_writes_nothing() -> None:
    async def scenario(rig: Rig) -> None:
        assert await rig.state.update("g", "k", b'[{"type":"remove","path":"/a"}]') == b"null"
        await rig.state.set("g", "k", b'{"a":1}', 0)
        rig.calls.clear()
        assert await rig.state.update("g", "k", b'[{"type":"set","path":"/a","value":1}]') == b'{"a":1}'
        assert rig.calls == ["get"]

    run(scenario)


def test_updates_that_accumulate_are_written_at_once() -> None:
    async def scenario(rig: Rig) -> None:
        async with held(rig, "compare_and_set") as go:
            first = asyncio.ensure_future(rig.state.update("g", "k", INCREMENT))
            await settle()
            more = [asyncio.ensure_future(rig.state.update("g", "k", INCREMENT)) for _ in range(500)]
            await settle()
            go.set()
            assert [await first, *[await one for one in more]] == [b"%d" % number for number in range(1, 502)]
        assert rig.calls == ["get", "compare_and_set", "compare_and_set"]

    run(scenario)


def test_update_that_fails_fails_alone() -> None:
    async def scenario(rig: Rig) -> None:
        wrong = b'[{"type":"set","path":"/a","value":1},{"type":"append","path":"/a","value":1}]'
        todo = [append(1), wrong, append(2), b"[", append(3)]
        answers = await asyncio.gather(*(rig.state.update("g", "k", one) for one in todo), return_exceptions=True)
        assert [answers[index] for index in (0, 2, 4)] == [b"[1]", b"[1,2]", b"[1,2,3]"]
        assert [type(answers[index]) for index in (1, 3)] == [PatchError, PatchError]
        assert await rig.value() == [1, 2, 3]

    run(scenario)


def test_update_is_done_again_when_another_core_was_faster() -> None:
    async def scenario(rig: Rig) -> None:
        other = rig.core()

        async def interfere(method: str) -> None:
            if method.endswith("compare_and_set") and rig.calls.count("compare_and_set") == 1:
                await other.set("g", "k", b"100", 0)

        rig.hook = interfere
        assert await rig.state.update("g", "k", INCREMENT) == b"101"

    run(scenario)


def test_failure_on_a_value_that_never_was_is_no_failure() -> None:
    async def scenario(rig: Rig) -> None:
        first = b'[{"type":"append","path":"/list","value":1}]'
        second = b'[{"type":"increment","path":"/n"}]'
        other = rig.core()

        async def interfere(method: str) -> None:
            if method.endswith("compare_and_set") and rig.calls.count("compare_and_set") == 1:
                await other.set("g", "k", b'{"n":5}', 0)

        rig.memory.state["g", "k"] = (b'{"n":"text"}', 7, 0)
        rig.hook = interfere
        answers = await asyncio.gather(rig.state.update("g", "k", first), rig.state.update("g", "k", second))
        assert answers == [b'{"n":5,"list":[1]}', b'{"n":6,"list":[1]}']

    run(scenario)


def test_failure_is_never_about_an_old_value() -> None:
    async def scenario(rig: Rig) -> None:
        other = rig.core()
        assert await rig.state.update("g", "k", append(1)) == b"[1]"

        async def interfere(method: str) -> None:
            if method.endswith("compare_and_set") and rig.calls.count("compare_and_set") == 2:
                queued.append(asyncio.ensure_future(rig.state.update("g", "k", INCREMENT)))

        queued: list[asyncio.Future[bytes]] = []
        rig.hook = interfere

        async def after(method: str) -> None:
            if method.endswith("compare_and_set") and queued:
                rig.memory.after = done
                await other.set("g", "k", b"41", 0)

        async def done(method: str) -> None: ...

        rig.memory.after = after
        assert await rig.state.update("g", "k", append(2)) == b"[1,2]"
        assert await queued[0] == b"42"

    run(scenario)


def test_value_has_a_limit() -> None:
    async def scenario(rig: Rig) -> None:
        core = rig.core(limit=20)
        assert await core.update("g", "k", append("x" * 10))
        with pytest.raises(PatchError, match="would have 27 bytes, max_payload_bytes is 20"):
            await core.update("g", "k", append("x" * 10))
        assert await rig.value() == ["x" * 10]

    run(scenario)


@pytest.mark.parametrize("method", ["get", "compare_and_set"])
def test_store_that_fails_fails_the_updates_and_nothing_later(method: str) -> None:
    async def scenario(rig: Rig) -> None:
        async def fail(called: str) -> None:
            if called.endswith(f".{method}"):
                raise StoreUnavailableError

        rig.hook = fail
        answers = await asyncio.gather(
            *(rig.state.update("g", "k", INCREMENT) for _ in range(3)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
        rig.hook = None
        assert await rig.state.update("g", "k", INCREMENT) == b"1"

    run(scenario)


def test_fault_of_ours_is_said_and_blocks_nobody() -> None:
    async def scenario(rig: Rig) -> None:
        async def fail(called: str) -> None:
            raise ZeroDivisionError

        rig.hook = fail
        with pytest.raises(InternalError):
            await rig.state.update("g", "k", INCREMENT)
        assert "ZeroDivisionError" in rig.log.messages("error")[0]
        rig.hook = None
        assert await rig.state.update("g", "k", INCREMENT) == b"1"

    run(scenario)


def test_caller_that_leaves_takes_its_own_update_along_only() -> None:
    async def scenario(rig: Rig) -> None:
        async with held(rig, "get") as go:
            updates = [asyncio.ensure_future(rig.state.update("g", "k", append(number))) for number in range(3)]
            await settle()
            updates[1].cancel()
            await settle()
            go.set()
            assert await updates[2] == b"[0,2]"

    run(scenario)


# --- order


def test_writes_of_a_key_keep_their_order() -> None:
    async def scenario(rig: Rig) -> None:
        answers = await asyncio.gather(
            rig.state.set("g", "k", b"[0]", 0),
            rig.state.update("g", "k", append(1)),
            rig.state.set("g", "k", b"[5]", 0),
            rig.state.update("g", "k", append(6)),
            rig.state.update("g", "k", append(7)),
            rig.state.delete("g", "k"),
            rig.state.compare_and_set("g", "k", 0, b"[8]", 0),
            rig.state.update("g", "k", append(9)),
        )
        assert [answers[index] for index in (1, 3, 4, 5, 7)] == [b"[0,1]", b"[5,6]", b"[5,6,7]", b"[5,6,7]", b"[8,9]"]
        assert json.loads(answers[6])["ok"]
        assert await rig.value() == [8, 9]

    run(scenario)


def test_clear_comes_after_what_was_before_it_and_before_what_was_after() -> None:
    async def scenario(rig: Rig) -> None:
        answers = await asyncio.gather(
            rig.state.update("g", "k", append(1)),
            rig.state.update("g", "k2", append(1)),
            rig.state.clear("g"),
            rig.state.update("g", "k", append(2)),
            rig.state.set("g", "k3", b"3", 0),
            rig.state.update("g", "k4", append(4)),
            rig.state.update("other", "k", append(5)),
        )
        assert answers == [b"[1]", b"[1]", b"null", b"[2]", b"null", b"[4]", b"[5]"]
        assert await rig.state.get_group("g") == b"[[2],3,[4]]"
        await rig.state.update("g", "k", append(6))
        assert await rig.value() == [2, 6]

    run(scenario)


def test_clears_one_after_the_other() -> None:
    async def scenario(rig: Rig) -> None:
        todo = [
            write for number in range(5) for write in (rig.state.update("g", "k", append(number)), rig.state.clear("g"))
        ]
        answers = await asyncio.gather(*todo, rig.state.update("g", "k", append(5)))
        assert answers[::2] == [b"[%d]" % number for number in range(6)]
        assert await rig.value() == [5]

    run(scenario)


def test_clear_that_is_given_up_blocks_nobody() -> None:
    async def scenario(rig: Rig) -> None:
        async with held(rig, "compare_and_set") as go:
            first = asyncio.ensure_future(rig.state.update("g", "k", append(1)))
            await settle()
            clear = asyncio.ensure_future(rig.state.clear("g"))
            second = asyncio.ensure_future(rig.state.update("g", "k", append(2)))
            await settle()
            clear.cancel()
            await settle()
            go.set()
            assert [await first, await second] == [b"[1]", b"[1,2]"]

    run(scenario)


# --- many at once

WRITES = st.sampled_from(["increment", "append_wrong", "set", "delete", "compare_and_set", "clear"])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("ab"), WRITES), min_size=1, max_size=30), st.integers())
def test_what_one_core_does_is_what_a_model_does_in_the_same_order(todo: list[tuple[str, str]], seed: int) -> None:
    async def scenario(rig: Rig) -> None:
        rig.take_time(Random(seed))
        writes, expected, values = [], [], dict[str, int]()
        for key, what in todo:
            if what == "increment":
                writes.append(rig.state.update("g", key, INCREMENT))
                values[key] = values.get(key, 0) + 1
                expected.append(values[key])
            elif what == "append_wrong":
                writes.append(rig.state.update("g", key, append(1) if key in values else b"[]"))
                expected.append(PatchError)
            elif what == "set":
                writes.append(rig.state.set("g", key, b"10", 0))
                values[key] = 10
                expected.append(None)
            elif what == "delete":
                writes.append(rig.state.delete("g", key))
                expected.append(values.pop(key, None))
            elif what == "compare_and_set":
                writes.append(rig.state.compare_and_set("g", key, 0, b"20", 0))
                expected.append(key not in values)
                values.setdefault(key, 20)
            else:
                writes.append(rig.state.clear("g"))
                values.clear()
                expected.append(None)
        answers = await asyncio.gather(*writes, return_exceptions=True)
        assert [_plain(answer) for answer in answers] == expected
        assert json.loads(await rig.state.get_group("g")) == [values[key] for key in sorted(values)]

    run(scenario)


def _plain(answer: Any) -> Any:
    if isinstance(answer, BaseException):
        return type(answer)
    value = json.loads(answer)
    return value["ok"] if isinstance(value, dict) else value


@settings(max_examples=30)
@given(st.integers(2, 4), st.integers(0, 2**32))
def test_updates_of_many_cores_all_count_and_are_seen_in_one_order(cores: int, seed: int) -> None:
    async def scenario(rig: Rig) -> None:
        rig.take_time(Random(seed))
        states = [rig.core() for _ in range(cores)]

        async def work(core: int, worker: int) -> list[list[str]]:
            seen = []
            for number in range(5):
                seen.append(json.loads(await states[core].update("g", "k", append(f"{core}.{worker}.{number}"))))
                await asyncio.sleep(0)
            return seen

        results = await asyncio.gather(*(work(core, worker) for core in range(cores) for worker in range(3)))
        final = await rig.value()
        assert sorted(final) == sorted(f"{c}.{w}.{n}" for c in range(cores) for w in range(3) for n in range(5))
        assert all(seen == final[: len(seen)] for result in results for seen in result)

    run(scenario)
