"""A streamed body between its sidecar and its client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from motia_core.errors import SidecarLostError, StepFailedError
from motia_core.model.failure import Failure, FailureKind
from motia_core.sidecars.response_body import JOINED_BYTES, ResponseBody


class Bench:
    """A body, and what it told the sidecar."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.left = 0
        self.body = ResponseBody(self.taken.append, self._leave)

    def _leave(self) -> None:
        self.left += 1


def on_a_loop(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        await scenario(Bench())

    asyncio.run(run())


def test_pieces_come_in_order_and_are_acknowledged_when_the_client_has_them() -> None:
    async def scenario(bench: Bench) -> None:
        bench.body.feed(b"a")
        bench.body.feed(b"b")
        assert await bench.body.next() == b"ab"
        assert bench.taken == []
        waiting = asyncio.ensure_future(bench.body.next())
        await asyncio.sleep(0)
        assert bench.taken == [2]
        bench.body.feed(b"c")
        assert await waiting == b"c"
        bench.body.end(None)
        assert await bench.body.next() == b""
        assert await bench.body.next() == b""

    on_a_loop(scenario)


def test_large_pieces_go_out_one_by_one() -> None:
    async def scenario(bench: Bench) -> None:
        large = b"x" * (JOINED_BYTES // 2 + 1)
        bench.body.feed(large)
        bench.body.feed(large)
        assert await bench.body.next() == large
        assert await bench.body.next() == large

    on_a_loop(scenario)


@pytest.mark.parametrize(
    ("kind", "error"), [(FailureKind.SIDECAR_LOST, SidecarLostError), (FailureKind.APPLICATION, StepFailedError)]
)
def test_a_failure_comes_after_what_was_sent_before(kind: FailureKind, error: type[Exception]) -> None:
    async def scenario(bench: Bench) -> None:
        ends: list[Failure | None] = []
        bench.body.on_end(ends.append)
        bench.body.feed(b"a")
        bench.body.end(Failure(kind, "broken"))
        bench.body.end(None)  # too late
        bench.body.feed(b"b")  # the same
        assert await bench.body.next() == b"a"
        with pytest.raises(error, match="broken"):
            await bench.body.next()
        assert [end and end.message for end in ends] == ["broken"]

    on_a_loop(scenario)


def test_who_leaves_is_heard_of_once_and_gets_nothing_more() -> None:
    async def scenario(bench: Bench) -> None:
        bench.body.feed(b"a")
        bench.body.abandon()
        bench.body.feed(b"b")
        assert bench.left == 1
        bench.body.end(None)
        bench.body.abandon()
        assert bench.left == 1
        assert await bench.body.next() == b""

    on_a_loop(scenario)


def test_who_asks_after_the_end_hears_of_it() -> None:
    async def scenario(bench: Bench) -> None:
        bench.body.end(None)
        ends: list[Failure | None] = []
        bench.body.on_end(ends.append)
        assert ends == [None]

    on_a_loop(scenario)
