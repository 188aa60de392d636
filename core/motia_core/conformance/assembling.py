"""Puts the step files of cases into one project: the kit's own, and those of the SDKs that are tested."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from motia_core.conformance.case import CASES, OURS, TOOLS, Case
from motia_core.conformance.subject import Subject, placed

LANGUAGES = "CONFORMANCE_LANGUAGES"  # an environment variable, which tells the kit's own steps what is tested


def assemble(project: Path, subjects: Sequence[Subject], wanted: Iterable[Case]) -> None:
    """Make a project in an empty folder."""
    shutil.copytree(TOOLS, project / "steps" / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    languages = [lang for subject in subjects for lang in subject.languages]
    (project / ".env").write_text(f"{LANGUAGES}={' '.join(languages)}\n")
    for place in sorted({place for case in wanted for place in case.steps}):
        for path in sorted((CASES / place).glob(f"{OURS}*")):
            _copy(path, project / "steps" / place / path.name)
        for subject in subjects:
            for path in subject.content(place):
                target = project / "steps" / place / path.relative_to(subject.steps / place)
                _copy(path, target.with_name(placed(path)))
    for subject in subjects:
        place_top(subject, project)


def place_top(subject: Subject, project: Path) -> None:
    """What lies at the top of an SDK's folder of step files, such as go.mod, goes to the root of the project."""
    for path in subject.steps.iterdir() if subject.steps != CASES else ():
        if path.is_file():
            _copy(path, project / path.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
