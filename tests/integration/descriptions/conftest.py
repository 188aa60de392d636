"""The library: a project with api steps in three languages, as a user serves it in strict mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.core import RunningCore, running_core

LIBRARY = Path(__file__).parents[2] / "projects" / "library"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(LIBRARY, tmp_path_factory.mktemp("data"), {"MOTIA_VALIDATION_MODE": "strict"}) as core:
        yield core
