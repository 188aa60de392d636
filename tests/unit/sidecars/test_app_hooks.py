"""Where the app of motia.config is, as sidecars come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from motia_core.errors import DrainingError, NoSidecarError
from motia_core.model.project import Manifest, Problem
from motia_core.sidecars import app_hooks
from motia_core.sidecars.app_hooks import AppHooks
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session
from tests.fakes.sidecars import FakeClock, FakeLog

BROKEN = Problem("error", "motia.config.ts", "import", "threw: no key")


class Rig:
    def __init__(self) -> None:
        self.log = FakeLog()
        self.pool = SidecarPool(1000)
        self.hooks = AppHooks(self.pool, self.log)
        self.hooks.is_expected = True

    def session(self, name: str, address: str = "", *problems: Problem) -> Session:
        session = Session(
            name,
            "node",
            name,
            self.pool,
            None,
            FakeClock(),
            self.log,
            max_payload_bytes=1,  # type: ignore[arg-type]  # nobody calls
        )
        session.manifest.set_result(Manifest(problems=problems, app_hook=address))
        return session


def run(script: Callable[[Rig], Awaitable[None]]) -> None:
    async def main() -> None:
        await script(Rig())

    asyncio.run(main())


def test_requests_go_round_and_avoid_where_nobody_answers() -> None:
    async def script(rig: Rig) -> None:
        for name in ("a", "b"):
            rig.pool.add(rig.session(name, f"unix:///{name}"))
        assert {await rig.hooks.address() for _ in range(4)} == {"unix:///a", "unix:///b"}
        assert {await rig.hooks.address({"unix:///a"}) for _ in range(4)} == {"unix:///b"}

    run(script)


def test_request_waits_for_a_sidecar_that_comes() -> None:
    async def script(rig: Rig) -> None:
        old = rig.session("old", "unix:///old")
        rig.pool.add(old)
        rig.pool.remove(old)
        waiting = [asyncio.create_task(rig.hooks.address({"unix:///old"})) for _ in range(3)]
        await asyncio.sleep(0)
        rig.pool.add(rig.session("new", "unix:///new"))
        assert await asyncio.gather(*waiting) == ["unix:///new"] * 3

    run(script)


def test_busy_sidecar_is_waited_for_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_hooks, "WAIT_S", 0.01)

    async def script(rig: Rig) -> None:
        session = rig.session("a", "unix:///a")
        rig.pool.add(session)
        rig.pool.pause(session)
        with pytest.raises(NoSidecarError, match=r"within 0\.01 s"):
            await rig.hooks.address()

    run(script)


def test_sidecars_without_the_app_are_an_error_that_is_said_once() -> None:
    async def script(rig: Rig) -> None:
        session = rig.session("a", "", BROKEN)
        rig.pool.add(session)
        rig.pool.pause(session)
        rig.pool.add(session)
        with pytest.raises(NoSidecarError, match="could not be loaded again"):
            await rig.hooks.address()
        (message,) = rig.log.messages("error")
        assert "motia.config.ts: threw: no key" in message

    run(script)


@pytest.mark.parametrize("how", ["no_sidecar", "start_draining"])
def test_who_waits_hears_that_nobody_comes(how: str) -> None:
    async def script(rig: Rig) -> None:
        waiting = asyncio.create_task(rig.hooks.address())
        await asyncio.sleep(0)
        if how == "no_sidecar":
            rig.pool.no_sidecar("node", "it keeps ending")
            with pytest.raises(NoSidecarError):
                await waiting
        else:
            rig.pool.start_draining()
            with pytest.raises(DrainingError):
                await waiting

    run(script)
