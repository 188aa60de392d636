from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

PROJECT = Path(__file__).with_name("project")
Post = Callable[..., Any]


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(PROJECT, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def post(core: RunningCore) -> Post:
    """POST to a step; what it answers."""

    def ask(path: str, body: object) -> Any:
        answer = httpx.post(f"{core.url}{path}", json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
