"""Starts a project for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motia_core.testing.motia import Motia
from motia_core.testing.opening import Options
from motia_core.testing.steps import GivenStep
from motia_core.testing.thread import RigThread


def start_motia(
    project: str | Path | None = None,
    *,
    steps: Sequence[GivenStep] = (),
    streams: Sequence[Mapping[str, Any]] = (),
    settings: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
) -> Motia:
    """A running project with temporary data, on a free port; use it in a `with`, or close it. The pytest fixture
    `motia` is one, that is started once and reset before each test.

    Args:
        project: A folder with steps/ or src/; None: only the steps that are given.
        steps: More steps, made with `step`, whose handlers run in this process.
        streams: More streams: their configs.
        settings: By name, such as "validation.mode"; beside those of motia.toml.
        env: Variables for the project's code, beside those of this process and of .env.

    Raises:
        MotiaError: It cannot be started; says why.
    """
    folder = Path(project) if project is not None else None
    return Motia(RigThread(Options(folder, tuple(steps), tuple(streams), dict(settings or {}), dict(env or {}))))
