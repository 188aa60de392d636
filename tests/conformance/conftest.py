"""One core for all cases of a profile: they are independent, and what they wait for passes side by side."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conformance.core import RunningCore, running_core
from tests.conformance.runner import HERE, assemble

PROFILES: dict[str, dict[str, object]] = tomllib.loads((HERE / "profiles.toml").read_text())


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of all cases."""
    folder = tmp_path_factory.mktemp("conformance")
    assemble(folder)
    return folder


Cores = Callable[[str], RunningCore]


@pytest.fixture(scope="session")
def cores(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cores]:
    """The core that runs the project under a profile's settings; started when it is first asked for."""
    running: dict[str, RunningCore] = {}
    with ExitStack() as stack:

        def core(profile: str) -> RunningCore:
            if profile not in running:
                settings = PROFILES[profile].get("settings", {})
                assert isinstance(settings, dict)
                data = tmp_path_factory.mktemp(profile)
                folder = project
                if isinstance(files := PROFILES[profile].get("files"), dict):
                    folder = data / "project"
                    shutil.copytree(project, folder)
                    for name, text in files.items():
                        (folder / name).write_text(text)
                running[profile] = stack.enter_context(running_core(folder, data / "data", settings))
            return running[profile]

        yield core
