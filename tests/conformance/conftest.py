"""One core for all cases of a setup: they are independent, and what they wait for passes side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from motia_core.conformance.stage import Setup, Stage
from motia_core.conformance.subject import find_subject

SUBJECTS = [find_subject("python"), find_subject("node")]
Stages = Callable[[Setup], Stage]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Where the cases of a setup are played, in all languages; its core is started when it is first asked for."""
    found: dict[str, Stage] = {}
    with ExitStack() as stack:

        def stage(setup: Setup) -> Stage:
            if setup.name not in found:
                folder = tmp_path_factory.mktemp(setup.name)
                found[setup.name] = stack.enter_context(closing(Stage(setup, SUBJECTS, folder, folder / "builds")))
            return found[setup.name]

        yield stage
