"""The flagship of durable progress: an approval that outlives the core and its sidecars."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import httpx

from tests.conformance.core import RunningCore, running_core

EXAMPLE = Path(__file__).parents[2] / "examples" / "expense-approval"


def shown(core: RunningCore, expense_id: str) -> tuple[str, dict[str, int] | None]:
    answer = httpx.get(f"{core.url}/expenses/{expense_id}").json()
    return answer["expense"]["status"], answer["books"]


def submit(core: RunningCore, amount: int) -> str:
    answer = httpx.post(f"{core.url}/expenses", json={"employee": "Ada", "amount": amount})
    assert answer.status_code == 202
    return str(answer.json()["id"])


def decide(core: RunningCore, expense_id: str, *, approved: bool) -> None:
    answer = httpx.post(f"{core.url}/expenses/{expense_id}/decision", json={"approved": approved, "by": "Grace"})
    assert answer.status_code == 202


def settled(core: RunningCore, expense_id: str, start: str) -> str:
    deadline = time.monotonic() + 15
    while not (status := shown(core, expense_id)[0]).startswith(start):
        assert time.monotonic() < deadline, status
        time.sleep(0.05)
    return status


def test_an_approval_outlives_the_core(tmp_path: Path) -> None:
    project, data = tmp_path / "project", tmp_path / "data"
    shutil.copytree(EXAMPLE, project)
    with running_core(project, data) as core:
        waiting = [submit(core, 100), submit(core, 20)]
        early = submit(core, 3)
        decide(core, early, approved=True)
        settled(core, early, "approved by Grace, paid as")
        core.stop(signal.SIGKILL)
    with running_core(project, data) as core:
        assert {shown(core, expense_id)[0] for expense_id in waiting} == {"waiting for approval"}
        decide(core, waiting[0], approved=True)
        decide(core, waiting[1], approved=False)
        paid = settled(core, waiting[0], "approved by Grace, paid as")
        settled(core, waiting[1], "refused by Grace")
        decide(core, waiting[0], approved=False)  # too late
        deadline = time.monotonic() + 15
        while shown(core, early)[1] != {"count": 2, "amount": 103}:
            assert time.monotonic() < deadline, shown(core, early)
            time.sleep(0.05)
        assert shown(core, waiting[0])[0] == paid
