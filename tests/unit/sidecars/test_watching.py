"""When a silent sidecar is busy, when it is given up, and when it is we who did not listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from motia_core.model.invocation import Invocation
from motia_core.model.step import QueuePolicy
from motia_core.settings import SidecarSettings
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import Sidecar
from motia_core.sidecars.watching import watch
from tests.fakes.sidecars import FakeLog
from tests.unit.sidecars.test_session import Peer, connected, event

SETTINGS = SidecarSettings(heartbeat_interval_ms=10, busy_after_ms=20, lost_after_ms=100)


class FakeSidecar:
    """What `watch` uses of a Sidecar; its process is a future."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.connected = True
        self.busy = False
        self.address = ""
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.process = self

    def kill(self) -> None:
        self.lose("killed")

    def lose(self, how: str) -> None:
        if not self.ended.done():
            self.ended.set_result(how)


class FakeStands:
    """Implements `Stands`: remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def busy(self, sidecar: Sidecar, session: Session) -> None:
        self.told.append("busy")

    def answers_again(self, sidecar: Sidecar, session: Session) -> None:
        self.told.append("answers again")


class Watched:
    """A sidecar that is watched, and what came of it."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.session = peer.session
        self.sidecar = FakeSidecar(peer.session)
        self.stands = FakeStands()
        self.log = FakeLog()
        self.loop = asyncio.get_running_loop()
        self.hear()
        self.task = asyncio.ensure_future(watch(self.sidecar, SETTINGS, self.stands, self.log))  # type: ignore[arg-type]  # a part of Sidecar

    def hear(self) -> None:
        self.session.last_seen_s = self.loop.time()

    async def intervals(self, number: int, *, heard: bool = False) -> None:
        for _ in range(number):
            if heard:
                self.hear()
            await asyncio.sleep(0.01)


@asynccontextmanager
async def watched() -> AsyncIterator[Watched]:
    async with connected() as peer:
        world = Watched(peer)
        yield world
        world.sidecar.kill()
        await world.task


def leased(number: int, lease_s: float) -> Invocation:
    work = event(number)
    work.step = replace(work.step, queue=QueuePolicy(visibility_timeout_s=lease_s))
    return work


def test_silent_sidecar_is_busy_until_it_is_heard() -> None:
    async def scenario() -> None:
        async with watched() as world:
            await world.intervals(6)
            assert world.stands.told == ["busy"]
            await world.intervals(4, heard=True)
            assert world.stands.told == ["busy", "answers again"]
            assert not world.task.done()

    asyncio.run(scenario())


def test_sidecar_that_is_silent_for_longer_than_a_lease_is_ended() -> None:
    async def scenario() -> None:
        async with watched() as world:
            world.peer.pool.invoke(leased(1, 900))
            world.peer.pool.invoke(leased(2, 0.1))
            assert await asyncio.wait_for(world.task, 2) == "killed"
            assert world.loop.time() - world.session.last_seen_s > 0.1
            [error] = world.log.messages("error")
            assert "node s1 is killed: nothing came from it" in error
            assert "visibilityTimeout of Work (steps/work_step.py) is 0.1 s" in error

    asyncio.run(scenario())


def test_every_frame_renews_every_lease() -> None:
    async def scenario() -> None:
        async with watched() as world:
            world.peer.pool.invoke(leased(1, 0.05))
            await world.intervals(20, heard=True)
            assert not world.task.done()

    asyncio.run(scenario())


def test_draining_sidecar_that_hangs_is_ended_too() -> None:
    async def scenario() -> None:
        async with watched() as world:
            world.peer.pool.invoke(leased(1, 0.05))
            world.session.drain(60_000)
            assert await asyncio.wait_for(world.task, 2) == "killed"

    asyncio.run(scenario())


def test_nobody_is_silent_while_the_core_was_stopped() -> None:
    async def scenario() -> None:
        async with watched() as world:
            world.peer.pool.invoke(leased(1, 0.2))
            await world.intervals(2, heard=True)
            time.sleep(0.4)  # noqa: ASYNC251 - as if the core had got no processor
            await world.intervals(2)
            assert not world.task.done()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("seen_s", "sent_s", "lease_s", "is_over"),
    [(0, 0, 30, True), (0, 95, 30, False), (75, 0, 30, False), (0, 0, 200, False), (96, 0, 1, False), (94, 0, 1, True)],
)
def test_lease_begins_with_the_attempt_and_with_every_frame(
    seen_s: float, sent_s: float, lease_s: float, is_over: bool
) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.pool.invoke(leased(1, lease_s))
            now_s = asyncio.get_running_loop().time()
            peer.session.last_seen_s = now_s - 100 + seen_s
            [running] = peer.session.running.values()
            running.sent_s = now_s - 100 + sent_s
            assert peer.session.expired(at_least_s=5) == (running if is_over else None)

    asyncio.run(scenario())


def test_an_external_sidecar_that_is_silent_for_long_is_lost_and_one_of_ours_is_not() -> None:
    async def scenario() -> None:
        async with watched() as ours, watched() as theirs:
            theirs.sidecar.address = "10.0.0.7:40000"
            assert "nothing came from it for" in await asyncio.wait_for(theirs.task, 10)
            await ours.intervals(20)
            assert not ours.task.done()
            ours.sidecar.kill()
            await ours.task

    asyncio.run(scenario())
