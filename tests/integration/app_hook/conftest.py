"""Projects with a motia.config, served as users serve them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core
from tests.repo.repository import ROOT

PROJECT = Path(__file__).parent / "project"
MODULES = ROOT / "sdk-node" / "node_modules"


def make_project(folder: Path) -> Path:
    """The project with the many routes."""
    shutil.copytree(PROJECT, folder)
    (folder / "node_modules").symlink_to(MODULES)
    return folder


@pytest.fixture(scope="module", params=["uvicorn", "hypercorn"])
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    folder = tmp_path_factory.mktemp("app-hook")
    project = make_project(folder / "project")
    with running_core(project, folder / "data", {"MOTIA_HTTP_SERVER": request.param}) as running:
        yield running


@pytest.fixture
def client(core: RunningCore) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=core.url, timeout=20) as client:
        yield client
