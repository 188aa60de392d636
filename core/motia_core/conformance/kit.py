"""Runs the cases against an SDK."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import httpx

from motia_core.conformance import wired
from motia_core.conformance.case import CASES, LEVELS, Case, cases
from motia_core.conformance.compare import NotSoError
from motia_core.conformance.playing import play
from motia_core.conformance.profiles import profiles
from motia_core.conformance.report import Outcome, Report, Result
from motia_core.conformance.running import CoreStartError
from motia_core.conformance.stage import Setup, Stage, setups
from motia_core.conformance.subject import Subject, find_subject
from motia_core.errors import SettingsError

WIRE = "wire"
ALL_LEVELS = (*LEVELS, WIRE)
Told = Callable[[Result], None]


@dataclass(frozen=True)
class Choice:
    """Which cases run."""

    levels: Collection[str] = ALL_LEVELS
    case: str = "*"  # a glob of names: "l1_invoke/*"; without a slash any level: "echo"
    profile: str = ""  # "": all

    def has(self, name: str) -> bool:
        """Whether a case of this name is wanted."""
        return fnmatchcase(name, self.case) or fnmatchcase(name.partition("/")[2], self.case)


def run(
    sdk: str | Path,
    *,
    levels: Collection[str] = ALL_LEVELS,
    cases: str = "*",
    profile: str = "",
    keep: Path | None = None,
    told: Told = lambda _result: None,
) -> Report:
    """Run cases against an SDK.

    Args:
        sdk: "python", "node", "go", "ruby", or a folder with an sdk.toml.
        levels: Of "1", "2", "3" and "wire".
        cases: A glob of their names.
        profile: Only under this one.
        keep: Where the projects that are made are kept; default: a temporary folder.
        told: Is called with each result as it comes.

    Raises:
        SettingsError: There is no such SDK, profile or case, or a gap is listed for a case that does not exist.
    """
    subject = find_subject(str(sdk))
    choice = Choice(levels, cases, profile)
    _check(subject, choice)
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise SettingsError(f"{keep} is not empty: projects are kept in a folder of their own")
    report = Report(subject.language.name)
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as temporary:
        for result in _results(subject, choice, keep.resolve() if keep else Path(temporary)):
            report.results.append(judged(result, subject))
            told(report.results[-1])
    return report


def _results(subject: Subject, choice: Choice, folder: Path) -> Iterator[Result]:
    wanted = [case for case in cases() if case.level in choice.levels and choice.has(case.name)]
    for setup in setups([subject], wanted, choice.profile):
        yield from _of_setup(setup, subject, folder)
    if WIRE in choice.levels and not choice.profile:
        yield from wired.results(subject, choice.has, folder)


def _of_setup(setup: Setup, subject: Subject, folder: Path) -> Iterator[Result]:
    with closing(Stage(setup, [subject], folder / setup.name, folder / "builds")) as stage:
        for case in setup.cases:
            for lang in subject.languages:
                yield attempt(case, lang, stage)


def attempt(case: Case, lang: str, stage: Stage) -> Result:
    """Play one case; the result says whether it was as it should be."""
    since, began = stage.number_of_records, time.monotonic()
    failure: NotSoError | None = None
    try:
        check_files(case, lang, stage.subject_of(lang))
        since = 0
        check_loaded(case, stage)
        since = stage.number_of_records  # what was said before is about other cases
        play(case, lang, stage)
    except NotSoError as error:
        failure = error
    except (httpx.HTTPError, OSError) as error:
        failure = NotSoError("the core", "an answer", f"{type(error).__name__}: {error}")
    except CoreStartError as error:
        failure = NotSoError("starting the project", "a core that is ready", str(error))
    seconds = time.monotonic() - began
    result = (case.name, case.level, lang, stage.setup.profile.name, case.about, case.rules)
    if failure is None:
        return Result(*result, Outcome.PASSED, seconds)
    said = tuple(stage.said(since))
    return Result(*result, Outcome.FAILED, seconds, failure.where, failure.expected, failure.came, said)


def check_files(case: Case, lang: str, subject: Subject) -> None:
    """The SDK has step files where those that show the case in Python are.

    Raises:
        NotSoError: It has none; says where they belong.
    """
    for place in case.steps:
        is_needed = any((CASES / place).glob("python_*"))
        if is_needed and not subject.files(place, lang):
            suffix = next(suffix for suffix, name in subject.language.suffixes.items() if name == lang)
            wanted = f"{subject.steps.name}/{place}/*.step.{suffix}, as {CASES / place / 'python_step.py'} is in Python"
            raise NotSoError("the SDK's step files", wanted, "no such file")


def check_loaded(case: Case, stage: Stage) -> None:
    """The core could load the case's files, unless they are meant to be broken."""
    if "problem" in case.document:
        return
    places = tuple(f"steps/{place}/" for place in case.steps)
    for problem in stage.core.problems:
        if problem["severity"] == "error" and str(problem["file"]).startswith(places):
            raise NotSoError(f"loading {problem['file']}", "no problem", f"{problem['phase']}: {problem['cause']}")


def judged(result: Result, subject: Subject) -> Result:
    """A result in the light of the gaps that the SDK lists."""
    names = (result.case, f"{result.case}[{result.lang}]", result.name, result.name.removesuffix(f"[{result.lang}]"))
    reason = next((subject.gaps[name] for name in names if name in subject.gaps), "")
    if not reason or result.outcome is Outcome.DOES_NOT_APPLY:
        return result
    outcome = Outcome.GAP if result.outcome is Outcome.FAILED else Outcome.CLOSED
    return Result(**{**vars(result), "outcome": outcome, "reason": reason})


def _check(subject: Subject, choice: Choice) -> None:
    known = [case.name for case in cases()] + wired.names()
    for gap in subject.gaps:
        if gap.rpartition(": ")[2].partition("[")[0] not in known:
            raise SettingsError(f"conformance.gaps: there is no case {gap!r}")
    if not any(choice.has(name) for name in known):
        raise SettingsError(f"no case is called {choice.case!r}; a name looks like l1_invoke/echo")
    named = {profile.name: profile for profile in profiles()}
    if choice.profile and choice.profile not in named:
        raise SettingsError(f"there is no profile {choice.profile!r}; there are {', '.join(named)}")
    if choice.profile and named[choice.profile].is_external and not subject.attaches:
        raise SettingsError(
            f"the profile {choice.profile} is for SDKs whose sidecars attach by themselves: say `external = true` in "
            "[conformance] of its sdk.toml"
        )
