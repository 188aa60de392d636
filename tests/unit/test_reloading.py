"""One change after the other is followed, whatever goes wrong with one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from motia_core.errors import StoreFullError, WatchError
from motia_core.model.language import BUILT_IN
from motia_core.project.affected import Changes
from motia_core.reloading import Reloader
from motia_core.settings import Settings
from tests.fakes.sidecars import FakeLog


class Following(Reloader):
    """Its changes are given; what is done with one of them fails, if it is an exception."""

    def __init__(self, root: Path, log: FakeLog, outcomes: list[BaseException | None]) -> None:
        core: Any = SimpleNamespace(
            settings=Settings(project=root),
            supervisor=SimpleNamespace(prepare_spares=lambda: None),
            loading=SimpleNamespace(languages=BUILT_IN),
        )
        console: Any = log
        super().__init__(core, console)
        self.outcomes = outcomes
        self.followed = 0
        watch: Any = SimpleNamespace(changes=self.changes)
        self._watch = watch

    async def changes(self) -> AsyncIterator[Changes]:
        for outcome in self.outcomes:
            if isinstance(outcome, WatchError):
                raise outcome
            yield Changes()

    async def _follow(self, changes: Changes) -> None:
        outcome = self.outcomes[self.followed]
        self.followed += 1
        if outcome is not None:
            raise outcome


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreFullError("the disk is full"), "the project was not reloaded: the disk is full"),
        (KeyError("node"), "the project was not reloaded: a fault of motia-core: KeyError('node')"),
    ],
)
def test_next_change_is_followed_after_one_that_failed(error: Exception, said: str, tmp_path: Path) -> None:
    log = FakeLog()
    reloader = Following(tmp_path, log, [error, None])
    asyncio.run(reloader.run())
    assert reloader.followed == 2
    assert log.messages("error") == [f"{said}; the version before goes on"]


def test_files_that_cannot_be_watched_are_said_and_end_nothing_else(tmp_path: Path) -> None:
    log = FakeLog()
    asyncio.run(Following(tmp_path, log, [None, WatchError("no more watches")]).run())
    assert log.messages("error") == ["changes are not followed: no more watches"]
