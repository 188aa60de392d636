"""What came of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """What came of one case."""

    PASSED = "passed"
    FAILED = "failed"
    GAP = "gap"  # it failed, as the SDK says
    CLOSED = "closed"  # it passed, though the SDK lists it as a gap

    @property
    def is_red(self) -> bool:
        """Whether somebody has to do something."""
        return self in (Outcome.FAILED, Outcome.CLOSED)


@dataclass(frozen=True)
class Result:
    """One case in one language under one profile.

    `where` to `said` are empty when it passed. `said` is what the sidecar and the core wrote last.
    """

    case: str
    level: str  # "1", "2", "3" or "wire"
    lang: str
    profile: str
    about: str
    rules: tuple[str, ...]
    outcome: Outcome
    seconds: float = 0.0
    where: str = ""
    expected: str = ""
    came: str = ""
    said: tuple[str, ...] = ()
    reason: str = ""  # of a gap

    @property
    def name(self) -> str:
        """What it is called in messages: "tcp: l1_invoke/echo[ruby]"."""
        return f"{'' if self.profile == 'default' else f'{self.profile}: '}{self.case}[{self.lang}]"


@dataclass
class Report:
    """All results of one SDK."""

    sdk: str  # for people: "Go"
    results: list[Result] = field(default_factory=list)

    @property
    def failures(self) -> list[Result]:
        """What is red: unlisted failures, and listed gaps that are none."""
        return [result for result in self.results if result.outcome.is_red]

    @property
    def is_green(self) -> bool:
        """Whether nothing is red."""
        return not self.failures

    @property
    def levels(self) -> Sequence[str]:
        """The levels that were run."""
        return sorted({result.level for result in self.results})

    def of(self, level: str, outcome: Outcome | None = None) -> list[Result]:
        """Results of a level."""
        return [result for result in self.results if result.level == level and outcome in (None, result.outcome)]
