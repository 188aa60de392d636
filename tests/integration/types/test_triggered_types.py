"""A project in the shape of Motia 1.0, written from its contract: it type-checks strictly, and runs."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.conformance.core import running_core
from tests.integration.types.test_generated_types import copied, generate, mypy, tsc
from tests.repo.repository import ROOT

PROJECT = ROOT / "tests" / "projects" / "depot"


def depot(folder: Path) -> Path:
    """The project, which has zod 4, as those of 1.0."""
    project = copied(PROJECT, folder / "project")
    (project / "node_modules").unlink()
    (project / "node_modules").mkdir()
    (project / "node_modules" / "zod").symlink_to(ROOT / "sdk-node" / "node_modules" / "zod4")
    return project


def test_handlers_have_the_types_of_their_config_and_those_of_0x_by_name(tmp_path: Path) -> None:
    project = depot(tmp_path)
    done = generate(project)
    assert done.returncode == 0, done.stdout + done.stderr
    # @ts-expect-error in the steps: that nothing is wrong there is an error as well
    assert tsc(project) == ""
    assert mypy(project, "steps/count_step.py") == ""


def test_the_project_runs(tmp_path: Path) -> None:
    with running_core(depot(tmp_path), tmp_path / "data", {"MOTIA_LOG_FORMAT": "json"}) as core:
        assert httpx.get(f"{core.url}/__motia/problems").json()["problems"] == []
        taken = httpx.post(f"{core.url}/parcels", json={"id": "p1", "kilos": 2})
        assert (taken.status_code, taken.json()) == (202, {"id": "p1"})
        listed = httpx.get(f"{core.url}/parcels").json()
        assert listed["parcels"] == [{"id": "p1", "kilos": 2}]
        assert "use enqueue, stateManager and Stream" in listed["engine"]
        counted = httpx.get(f"{core.url}/parcels/count").json()
        assert counted["count"] == 1
        assert "use enqueue, stateManager and Stream" in counted["engine"]
        assert httpx.post(f"{core.url}/weigh/p1", json={"kilos": 3}).json() == {"id": "p1", "kilos": 3}
