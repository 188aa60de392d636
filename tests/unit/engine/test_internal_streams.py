"""Internal streams: what those get who watch views of what the core keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Container, Sequence
from typing import Any

import pytest

import motia_core.engine.internal_streams as internal_streams
import motia_core.engine.live as live_module
from motia_core.engine.internal_room import Item
from motia_core.engine.internal_streams import ViewStreams
from motia_core.engine.live import Batch, Live
from motia_core.model.stream import Address
from motia_core.model.stream_frame import Frame
from motia_core.model.trace import LogRecord
from tests.fakes.requests import FakeLog
from tests.fakes.sidecars import FakeClock

GROUP = Address("things", "g")


class Things:
    """A view of what the test says; news are the messages of log records."""

    def __init__(self) -> None:
        self.is_window = False
        self.there: dict[str, int] = {}
        self.error: Exception | None = None
        self.reads = 0
        self.on_read: Callable[[], None] = lambda: None

    async def items(self, group: str) -> Sequence[Item]:
        self.reads += 1
        if self.error is not None:
            raise self.error
        found = [self.item(name) for name in self.there] if group == "g" else []
        self.on_read()
        await asyncio.sleep(0)
        return found

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        return None if "things" in batch.changed else [self.item(record.message) for record in batch.logs]

    def item(self, name: str) -> Item:
        return name, json.dumps({"id": name, "n": self.there[name]}).encode()


class Watcher:
    """A client."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def deliver(self, frame: Frame) -> None:
        self.frames.append(json.loads(frame.text))

    def heard(self) -> list[Any]:
        """What is new: type, and what it is about."""
        frames, self.frames = self.frames, []
        return [(frame["event"]["type"], frame["event"]["data"]) for frame in frames]


class Inside:
    """Internal streams over one view."""

    def __init__(self) -> None:
        self.live, self.view, self.log, self.taken = Live(), Things(), FakeLog(), set[str]()
        self.streams = ViewStreams(
            {"things": self.view}, self.taken.__contains__, lambda url, headers: None, self.live, FakeClock(), self.log
        )

    async def happens(self, *messages: str, changed: str = "") -> None:
        """Something happens, and has been told."""
        self.live.logs([LogRecord(number, 0, 1, "", "", message, b"") for number, message in enumerate(messages)])
        if changed:
            self.live.changed(changed)
        await asyncio.sleep(0.05)


def run(script: Callable[[Inside], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "PAUSE_S", 0.01)

    async def main() -> None:
        inside = Inside()
        async with asyncio.timeout(10):
            await script(inside)
            assert not inside.live.is_watched, "somebody is still there"

    asyncio.run(main())


def test_a_client_gets_what_is_there_and_then_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one, view = Watcher(), inside.view
        view.there = {"a": 1}
        joined = await inside.streams.join(one, GROUP)
        assert one.frames[0]["sequence"] == joined.sequence
        assert one.frames[0]["groupId"] == "g"
        assert one.heard() == [("sync", [{"id": "a", "n": 1}])]
        view.there |= {"a": 2, "b": 1}
        await inside.happens("a", "b")
        assert [frame["id"] for frame in one.frames] == ["a", "b"]
        assert one.heard() == [("update", {"id": "a", "n": 2}), ("create", {"id": "b", "n": 1})]
        await inside.happens("a")
        assert one.heard() == [], "it is as it was shown"
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_timestamps_grow_although_the_clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one = Watcher()
        await inside.streams.join(one, GROUP)
        for number in range(3):
            inside.view.there["a"] = number
            await inside.happens("a")
        times = [frame["timestamp"] for frame in one.frames]
        assert times == sorted(set(times))
        assert len(times) == 4
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_a_list_that_is_read_again_says_what_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one = Watcher()
        inside.view.there = {"a": 1, "b": 1, "c": 1}
        await inside.streams.join(one, GROUP)
        one.heard()
        inside.view.there = {"b": 2, "c": 1, "d": 1}
        await inside.happens(changed="things")
        changes = [("delete", {"id": "a"}), ("update", {"id": "b", "n": 2}), ("create", {"id": "d", "n": 1})]
        assert one.heard() == changes
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_a_window_that_is_read_again_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one, of_item = Watcher(), Watcher()
        inside.view.is_window, inside.view.there = True, {"a": 1, "b": 1}
        await inside.streams.join(one, GROUP)
        await inside.streams.join(of_item, GROUP._replace(item_id="b"))
        one.heard()
        of_item.heard()
        inside.view.there = {"b": 1}
        await inside.happens(changed="things")
        assert one.heard() == [("sync", [{"id": "b", "n": 1}])]
        assert of_item.heard() == [("sync", {"id": "b", "n": 1})]
        await inside.streams.leave(one, GROUP)
        await inside.streams.leave(of_item, GROUP._replace(item_id="b"))

    run(script, monkeypatch)


def test_what_was_left_out_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one = Watcher()
        await inside.streams.join(one, GROUP)
        inside.view.there = {str(number): number for number in range(live_module.MOST_ATTEMPTS + 5)}
        await inside.happens(*inside.view.there)
        assert len([frame for frame in one.frames if frame["event"]["type"] == "create"]) == len(inside.view.there)
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_items_have_those_who_watch_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        both, other = Watcher(), Watcher()
        inside.view.there = {"a": 1}
        await inside.streams.join(both, GROUP)
        await inside.streams.join(both, GROUP._replace(item_id="a"))
        await inside.streams.join(other, GROUP._replace(item_id="b"))
        assert both.heard() == [("sync", [{"id": "a", "n": 1}]), ("sync", {"id": "a", "n": 1})]
        assert other.heard() == [], "there is no such item"
        inside.view.there |= {"a": 2, "b": 1}
        await inside.happens("a", "b")
        assert both.heard() == [("update", {"id": "a", "n": 2}), ("create", {"id": "b", "n": 1})], "each once"
        assert other.heard() == [("create", {"id": "b", "n": 1})]
        for watcher, item_id in ((both, ""), (both, "a"), (other, "b")):
            await inside.streams.leave(watcher, GROUP._replace(item_id=item_id))

    run(script, monkeypatch)


def test_a_newcomer_takes_nothing_from_those_who_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one, two = Watcher(), Watcher()
        await inside.streams.join(one, GROUP)
        one.heard()
        inside.view.there = {"a": 1}
        await inside.streams.join(two, GROUP)
        assert one.heard() == [("create", {"id": "a", "n": 1})]
        assert two.heard() == [("sync", [{"id": "a", "n": 1}])]
        await inside.happens("a")
        assert (one.heard(), two.heard()) == ([], [])
        await inside.streams.leave(one, GROUP)
        inside.view.there["a"] = 2
        await inside.happens("a")
        assert (one.heard(), two.heard()) == ([], [("update", {"id": "a", "n": 2})])
        await inside.streams.leave(two, GROUP)

    run(script, monkeypatch)


def test_what_happens_while_it_is_read_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        one = Watcher()

        def meanwhile() -> None:
            inside.view.there["a"] = 1
            inside.live.logs([LogRecord(1, 0, 1, "", "", "a", b"")])
            inside.view.on_read = lambda: None

        inside.view.on_read = meanwhile
        await inside.streams.join(one, GROUP)
        await asyncio.sleep(0.05)
        assert one.heard() == [("sync", []), ("create", {"id": "a", "n": 1})]
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_a_view_that_cannot_be_read_is_read_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal_streams, "TICK_S", 0.1)

    async def script(inside: Inside) -> None:
        one = Watcher()
        await inside.streams.join(one, GROUP)
        one.heard()
        inside.view.error = RuntimeError("no disk")
        inside.view.there = {"a": 1}
        await inside.happens(changed="things")
        assert one.heard() == []
        assert "things cannot be read: RuntimeError: no disk" in str(inside.log.records)
        inside.view.error = None
        await asyncio.sleep(0.3)
        assert one.heard() == [("create", {"id": "a", "n": 1})]
        await inside.streams.leave(one, GROUP)

    run(script, monkeypatch)


def test_who_cannot_be_let_in_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        inside.view.error = RuntimeError("no disk")
        with pytest.raises(RuntimeError):
            await inside.streams.join(Watcher(), GROUP)

    run(script, monkeypatch)


def test_it_costs_nothing_while_nobody_is_subscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        await inside.happens("a", changed="things")
        assert inside.view.reads == 0
        one = Watcher()
        await inside.streams.join(one, GROUP)
        await inside.streams.leave(one, GROUP)
        await inside.happens("a", changed="things")
        assert inside.view.reads == 1
        assert len(asyncio.all_tasks()) == 1

    run(script, monkeypatch)


def test_a_stream_of_the_project_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(inside: Inside) -> None:
        assert inside.streams.has("things")
        assert not inside.streams.has("others")
        inside.taken.add("things")
        assert not inside.streams.has("things")

    run(script, monkeypatch)
