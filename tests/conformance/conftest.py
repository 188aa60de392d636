"""One core for all cases of a setup: they are independent, and what they wait for passes side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from motia_core.bundled import sdk_folder
from motia_core.conformance.stage import Setup, Stage
from motia_core.conformance.subject import Subject, find_subject
from motia_core.project.sdk_file import BUNDLED, FILE

TOGETHER = (find_subject("python"), find_subject("node"))  # they share a project: events go from one to the other
APART = [(find_subject(name),) for name in BUNDLED if (sdk_folder(name) / FILE).exists()]
TESTED: list[tuple[Subject, ...]] = [TOGETHER, *APART]
Stages = Callable[[Sequence[Subject], Setup], Stage]
_open: dict[str, Stage] = {}  # one at most: a core that nobody uses any more costs the others time


def name_of(subjects: Sequence[Subject], setup: Setup) -> str:
    """What a stage is called: "life-drains", "go-life-drains"."""
    return setup.name if subjects == TOGETHER else f"{subjects[0].group}-{setup.name}"


def _stage_of(item: pytest.Item | None) -> str:
    """The stage that a test needs; empty: none."""
    if item is None or "stages" not in getattr(item, "fixturenames", ()):
        return ""
    callspec = getattr(item, "callspec", None)
    return name_of(callspec.params["subjects"], callspec.params["setup"]) if callspec is not None else "default"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one stage come one after the other, in whatever order else."""
    places = [place for place, item in enumerate(items) if _stage_of(item)]
    first: dict[str, int] = {}
    for place in places:
        first.setdefault(_stage_of(items[place]), place)
    grouped = sorted((items[place] for place in places), key=lambda item: first[_stage_of(item)])
    for place, item in zip(places, grouped, strict=True):
        items[place] = item


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _close_but(_stage_of(nextitem))


def _close_but(name: str) -> None:
    for other in [other for other in _open if other != name]:
        _open.pop(other).close()


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Where the cases of a setup are played, in all languages; its core is started when it is first asked for."""

    def stage(subjects: Sequence[Subject], setup: Setup) -> Stage:
        name = name_of(subjects, setup)
        _close_but(name)
        if name not in _open:
            folder = tmp_path_factory.mktemp(name)
            _open[name] = Stage(setup, subjects, folder, folder / "builds")
        return _open[name]

    yield stage
    _close_but("")
