"""The wire cases as results of the kit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from motia_core.conformance.assembling import place_top
from motia_core.conformance.profiles import DEFAULT
from motia_core.conformance.report import Outcome, Result
from motia_core.conformance.subject import Subject
from motia_core.conformance.wire import cases, running
from motia_core.conformance.wire.case import CASES
from motia_core.conformance.wire.subject import STEPS, prepare
from motia_core.errors import SidecarStartError

LEVEL = "wire"
AT_A_TIME = 2
SAID = 15  # lines of what the sidecar wrote last


def names() -> list[str]:
    """The names of all wire cases."""
    assert cases.__all__  # importing them has listed them
    return list(CASES)


def rules() -> set[str]:
    """The rules that the wire cases are there to prove."""
    return {rule for name in names() for rule in CASES[name].rules}


def results(subject: Subject, has: Callable[[str], bool], folder: Path) -> Iterator[Result]:
    """Play those that are wanted."""
    wanted = [CASES[name] for name in names() if has(name)]
    if not wanted:
        return
    steps = STEPS / subject.group if subject.folder is None else subject.steps / LEVEL
    place = folder / LEVEL
    place.mkdir()
    with asyncio.Runner() as runner:
        try:
            if not steps.is_dir():
                raise SidecarStartError(f"{steps} is not there")
            place_top(subject, place / "project")
            prepared = runner.run(prepare(subject.language, steps, place, golden=subject.golden))
        except SidecarStartError as error:
            about = "The steps of the wire cases can be started."
            expected = "step files, as docs/conformance-wire.md says"
            start = ("wire/start", LEVEL, subject.group, DEFAULT, about, ("LAUNCH-5",))
            yield Result(*start, Outcome.FAILED, 0.0, "starting the wire cases", expected, error.message)
            return
        for at in range(0, len(wanted), AT_A_TIME):
            began = time.monotonic()
            outcomes = runner.run(running.run_cases(wanted[at : at + AT_A_TIME], prepared, AT_A_TIME))
            seconds = (time.monotonic() - began) / len(outcomes)
            for outcome in outcomes:
                yield _result(outcome, subject, seconds)


def _result(outcome: running.Outcome, subject: Subject, seconds: float) -> Result:
    case = outcome.case
    result = (case.name, LEVEL, subject.group, DEFAULT, case.about)
    if outcome.does_not_apply:
        return Result(*result, case.rules, Outcome.DOES_NOT_APPLY, seconds, reason=outcome.does_not_apply)
    if not outcome.broken:
        return Result(*result, case.rules, Outcome.PASSED, seconds)
    broken = tuple(dict.fromkeys(each.rule for each in outcome.broken))
    came = "\n".join(dict.fromkeys(map(str, outcome.broken)))
    said = tuple(line for line in outcome.output.splitlines() if line.strip())[-SAID:]
    return Result(*result, broken, Outcome.FAILED, seconds, "the frames of the session", "no broken rule", came, said)
