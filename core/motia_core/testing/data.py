"""State and streams as tests read and write them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from motia_core.engine.state import State as EngineState
from motia_core.model.stream import Address
from motia_core.testing.errors import RigError, StillBusyError
from motia_core.testing.operations import to_ms, to_text
from motia_core.testing.rig import value_of
from motia_core.testing.thread import RigThread

JOIN_S = 5.0
__tracebackhide__ = True  # pytest shows the test, not what is in here
PAGE = 1000


class State:
    """`motia.state`: what the project's steps share."""

    def __init__(self, thread: RigThread) -> None:
        self._do = thread.do
        self._state = thread.rig.core.state

    def get(self, group: str, key: str) -> Any:
        """The value; None: there is none."""
        return value_of(self._do(self._state.get(group, key)))

    def set(self, group: str, key: str, value: Any, ttl: Any = None) -> None:
        """Write a value, for ever or for a duration."""
        ttl_ms = 0 if ttl is None else to_ms(ttl, "ttl")
        self._do(self._state.set(group, key, to_text(value, "value"), ttl_ms))

    def update(self, group: str, key: str, operations: Sequence[Mapping[str, Any]]) -> Any:
        """Apply operations, as `ctx.state.update` does; the new value."""
        return value_of(self._do(self._state.update(group, key, to_text(operations, "operations"))))

    def delete(self, group: str, key: str) -> Any:
        """Remove a value; what it was."""
        return value_of(self._do(self._state.delete(group, key)))

    def group(self, group: str) -> dict[str, Any]:
        """The values of a group, by key."""
        return self._do(group_of(self._state, group))

    def clear(self, group: str) -> None:
        """Remove a group."""
        self._do(self._state.clear(group))


class Stream:
    """`motia.streams["board"]`: items in groups, that clients watch."""

    def __init__(self, thread: RigThread, name: str) -> None:
        self._thread = thread
        self._do = thread.do
        self._streams = thread.rig.core.streams
        self._name = name

    def get(self, group: str, item_id: str) -> Any:
        """An item; None: there is none."""
        return without_mark(value_of(self._do(self._streams.get(Address(self._name, group, item_id)))))

    def set(self, group: str, item_id: str, item: Mapping[str, Any]) -> Any:
        """Write an item; it, with what is added to it."""
        address = Address(self._name, group, item_id)
        return without_mark(value_of(self._do(self._streams.set(address, to_text(item, "item")))))

    def delete(self, group: str, item_id: str) -> Any:
        """Remove an item; what it was."""
        return without_mark(value_of(self._do(self._streams.delete(Address(self._name, group, item_id)))))

    def items(self, group: str) -> list[Any]:
        """All items of a group, oldest first."""
        return [without_mark(item) for item in value_of(self._do(self._streams.get_group(self._name, group)))]

    def send(self, group: str, event_type: str, data: Any = None, *, item_id: str = "") -> None:
        """Push an event to those who watch."""
        address = Address(self._name, group, item_id)
        text = b"" if data is None else to_text(data, "data")
        self._do(self._streams.send(address, event_type, text))

    @contextmanager
    def join(
        self, group: str, item_id: str = "", *, headers: Mapping[str, str] | None = None
    ) -> Iterator[StreamClient]:
        """Watch a group, or an item of it, as a client does: access rules are asked.

        Raises:
            RigError: It may not.
        """
        client = StreamClient(self._thread, f"/__motia/streams/{self._name}/{group}" + f"/{item_id}" * bool(item_id))
        self._do(client.open(headers or {}))
        try:
            yield client
        finally:
            self._do(client.close())


class StreamClient:
    """A client of a stream."""

    def __init__(self, thread: RigThread, path: str) -> None:
        self._do = thread.do
        self._url = thread.rig.url + path
        self.frames: list[dict[str, Any]] = []  # `event` of everything that has come: docs/stream-wire.md
        self._read = 0
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[None]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were sent: {"type", "data"}."""
        return [frame["event"] for frame in self.frames if frame["type"] == "event"]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items as the client knows them, oldest first."""
        known: dict[str, dict[str, Any]] = {}
        for frame in self.frames:
            data = frame.get("data")
            if frame["type"] == "sync":
                known = {item["id"]: item for item in (data if isinstance(data, list) else [data] if data else [])}
            elif frame["type"] in ("create", "update"):
                known[frame["data"]["id"]] = frame["data"]
            elif frame["type"] == "delete":
                known.pop(frame["data"]["id"], None)
        return list(known.values())

    def next(self, type: str = "", *, timeout: float = JOIN_S) -> dict[str, Any]:  # noqa: A002  # as in frames
        """The next frame's `event`, of this type if one is given: "sync", "create", "update", "delete", "event".

        Raises:
            StillBusyError: None comes in so many seconds.
        """
        return self._do(self._next(type, time.monotonic() + timeout))

    async def open(self, headers: Mapping[str, str]) -> None:
        """Join."""
        self._opened = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._follow(headers))
        await self._opened

    async def close(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _follow(self, headers: Mapping[str, str]) -> None:
        try:
            async with (
                httpx.AsyncClient(trust_env=False, timeout=None) as client,
                client.stream("GET", self._url, headers=dict(headers)) as response,
            ):
                if response.status_code != 200:
                    text = (await response.aread()).decode(errors="replace")
                    raise RigError(f"the stream could not be joined: {response.status_code} {text}")
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        self.frames.append(json.loads(line[5:])["event"])
                        self._more.set()
                    if not self._opened.done():
                        self._opened.set_result(None)
        except (RigError, httpx.HTTPError) as error:
            if not self._opened.done():
                self._opened.set_exception(error)

    async def _next(self, wanted: str, until_s: float) -> dict[str, Any]:
        while True:
            while self._read < len(self.frames):
                self._read += 1
                frame = self.frames[self._read - 1]
                if wanted in ("", frame["type"]):
                    return frame
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), until_s - time.monotonic())
            except TimeoutError:
                came = ", ".join(frame["type"] for frame in self.frames) or "nothing"
                raise StillBusyError(f"no {wanted or 'frame'} came in time; what came: {came}") from None


async def group_of(state: EngineState, group: str) -> dict[str, Any]:
    """The values of a group, by key."""
    found: dict[str, Any] = {}
    cursor = ""
    while True:
        page = value_of(await state.list_keys(group, "", cursor, PAGE))
        found |= {item["key"]: item["value"] for item in page["items"]}
        if not (cursor := page["cursor"]):
            return found


def without_mark(item: Any) -> Any:
    """Without the mark that 0.x has on items."""
    return {key: value for key, value in item.items() if key != "__motia"} if isinstance(item, dict) else item
