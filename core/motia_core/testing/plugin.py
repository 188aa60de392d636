"""The pytest plugin: the fixture `motia`. Everything else is imported when a test uses it: all runs load this."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import motia_core

if TYPE_CHECKING:
    from motia_core.testing.motia import Motia

MOST = 3  # projects that run at once in one session: a process per language each
KNOWS = frozenset({"project", "steps", "streams", "settings", "env", "cron", "reset"})
_FIXTURE = "motia"
_MARK = """motia(project=…, cron=…, steps=…, streams=…, settings=…, env=…, reset=…): what the fixture `motia` runs. \
project: folder with steps/ or src/, relative to the folder of pytest's configuration; cron: follow schedules; \
reset=False: keep the data of the test before. docs/guides/testing.md"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting `motia_project`."""
    parser.addini("motia_project", "folder of the motia project that the fixture `motia` runs", default="")


def pytest_configure(config: pytest.Config) -> None:
    """The mark `motia`; and where the Python SDK is not installed, that which is bundled, for `motia.testing`."""
    config.addinivalue_line("markers", _MARK)
    if find_spec("motia") is None:
        package = Path(motia_core.__file__).parent
        bundled = package / "_sdk" / "python"
        sys.path.append(str(bundled if bundled.exists() else package.parents[1] / "sdk-python"))


class Projects:
    """The projects that run in this session, the latest last."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[object, Motia]] = {}  # with what they were made of, which stays as it is

    def get(self, options: Mapping[str, Any]) -> Motia:
        """A project that runs with these options, started if need be."""
        from motia_core.testing.starting import start_motia

        key = repr([(name, _identity(value)) for name, value in sorted(options.items())])
        found = self._running.pop(key, None)
        if found is None:
            while len(self._running) >= MOST:
                self._running.pop(next(iter(self._running)))[1].close()
            found = (options, start_motia(**options))
        self._running[key] = found
        return found[1]

    def close(self) -> None:
        """End all of them."""
        while self._running:
            self._running.popitem()[1][1].close()


@pytest.fixture(scope="session")
def _motia_projects() -> Iterator[Projects]:
    projects = Projects()
    yield projects
    projects.close()


@pytest.fixture
def motia(request: pytest.FixtureRequest, _motia_projects: Projects) -> Motia:
    """A running project without data. It is started once for all tests that want the same."""
    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(_FIXTURE))):  # the closest last
        if mark.args or mark.kwargs.keys() - KNOWS:
            wrong = ", ".join([*map(repr, mark.args), *sorted(mark.kwargs.keys() - KNOWS)])
            raise pytest.UsageError(f"the mark motia does not take {wrong}; it takes {', '.join(sorted(KNOWS))}")
        options |= mark.kwargs
    cron, reset = options.pop("cron", False), options.pop("reset", True)
    if "project" in options or "steps" not in options:
        options["project"] = _project(request, options.get("project"))
    running = _motia_projects.get(options)
    if reset:
        running.reset()
    running.follow_cron(cron)
    return running


@pytest.hookimpl(hookwrapper=True)  # the newer kind does not exist in pytest 7
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
    """A test that fails shows what the project has logged."""
    outcome = yield
    report = outcome.get_result()
    used = getattr(item, "funcargs", {}).get(_FIXTURE)
    if report.when == "call" and report.failed and used is not None:
        text = used.log_text()
        report.sections.append(("motia: what was logged", text or "nothing"))


def _project(request: pytest.FixtureRequest, given: Any) -> Path:
    """The folder of the project: the mark's, that of the setting, or the nearest around the test that has steps."""
    root = request.config.rootpath
    if wanted := given or request.config.getini("motia_project"):
        return Path(root / wanted).resolve()
    folder = request.node.path.parent
    for place in (folder, *folder.parents):
        if (place / "steps").is_dir() or (place / "src").is_dir():
            return Path(place)
        if place == root:
            break
    return Path(root)


def _identity(value: Any) -> object:
    """What makes two options the same: texts and numbers as they are, steps by identity."""
    if isinstance(value, Mapping):
        return sorted((str(name), _identity(one)) for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return [_identity(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, Path, type(None))) else id(value)
