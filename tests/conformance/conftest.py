"""One core for all cases of a setup: they are independent, and what they wait for passes side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

import pytest

from motia_core.bundled import sdk_folder
from motia_core.conformance.stage import Setup, Stage
from motia_core.conformance.subject import Subject, find_subject
from motia_core.project.sdk_file import BUNDLED, FILE

TOGETHER = (find_subject("python"), find_subject("node"))  # they share a project: events go from one to the other
APART = [(find_subject(name),) for name in BUNDLED if (sdk_folder(name) / FILE).exists()]
TESTED: list[tuple[Subject, ...]] = [TOGETHER, *APART]
Stages = Callable[[Sequence[Subject], Setup], Stage]


def name_of(subjects: Sequence[Subject], setup: Setup) -> str:
    """What a stage is called: "life-drains", "go-life-drains"."""
    return setup.name if subjects == TOGETHER else f"{subjects[0].group}-{setup.name}"


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Where the cases of a setup are played, in all languages; its core is started when it is first asked for."""
    found: dict[str, Stage] = {}
    with ExitStack() as stack:

        def stage(subjects: Sequence[Subject], setup: Setup) -> Stage:
            name = name_of(subjects, setup)
            if name not in found:
                folder = tmp_path_factory.mktemp(name)
                found[name] = stack.enter_context(closing(Stage(setup, subjects, folder, folder / "builds")))
            return found[name]

        yield stage
