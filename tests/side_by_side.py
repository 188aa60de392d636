"""Which tests stay in one of several processes, and in what order the processes take them.

`make test` runs the tests in more processes than there are processors, since most of them wait for something; then the
few that need the machine for themselves, or use all of it, marked `alone`. What is dear to start belongs to a file, so
that a file stays in one process; so does the core of each profile of the conformance cases. What takes long comes
first: the processes end at about the same time.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LONG_FIRST = ("conformance", "crash", "integration", "simulation", "contract", "repo")  # the others are short
MORE_PROCESSES = 2  # than processors: of the time of those that wait for a core, half is waiting
MOST_PROCESSES = 8  # each starts servers of its own
_PROFILE = re.compile(r"::test_case\[([\w-]+): ")


class Scheduler(LoadScopeScheduling):
    """Hands out files, and profiles of the conformance cases."""

    def _split_scope(self, nodeid: str) -> str:
        profile = _PROFILE.search(nodeid)
        return nodeid.partition("::")[0] + (f" {profile[1]}" if profile else "")

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=_rank), last=False)
        super()._assign_work_unit(node)


def _rank(scope: str) -> int:
    folder = scope.removeprefix("tests/").partition("/")[0]
    return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler:
    return Scheduler(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means."""
    return min((os.cpu_count() or 1) + MORE_PROCESSES, MOST_PROCESSES)
