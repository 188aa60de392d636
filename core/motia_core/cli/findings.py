"""What `motia-core doctor` finds, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Literal

from motia_core.cli.layout import INDENT, Layout

Level = Literal["ok", "differs", "warning", "error"]
MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them."""

    section: str
    level: Level  # error: something does not work; warning: it may not; differs: it works, in another way than in 0.x
    what: str
    remedy: str = ""
    places: tuple[str, ...] = ()  # in the project


def described(finding: Finding) -> dict[str, object]:
    """As a JSON-able value."""
    return asdict(finding)


def shown(findings: Sequence[Finding], layout: Layout) -> list[str]:
    """Lines, by section in the order of the findings."""
    lines: list[str] = []
    for section, group in groupby(findings, lambda finding: finding.section):
        lines += [layout.bold(section), *(line for finding in group for line in _lines(finding, layout)), ""]
    return [*lines, _summary(findings, layout)]


def _lines(finding: Finding, layout: Layout) -> Iterable[str]:
    marks = {
        "ok": layout.green("✓"),
        "differs": layout.cyan("~"),
        "warning": layout.yellow("!"),
        "error": layout.red("✗"),
    }
    inner = INDENT * 2
    top, *rest = layout.paragraph(finding.what, inner)
    yield f"{INDENT}{marks[finding.level]} {top.strip()}"
    yield from rest
    for place in finding.places[:MOST_PLACES]:
        yield layout.dim(f"{inner}{place}")
    if len(finding.places) > MOST_PLACES:
        yield layout.dim(f"{inner}… and {len(finding.places) - MOST_PLACES} more")
    if finding.remedy:
        yield from (layout.cyan(line) for line in layout.paragraph(f"→ {finding.remedy}", inner, f"{inner}  "))


def _summary(findings: Sequence[Finding], layout: Layout) -> str:
    def number(level: Level) -> int:
        return sum(finding.level == level for finding in findings)

    broken, doubtful, different = number("error"), number("warning"), number("differs")
    if broken:
        head = layout.red(f"{broken} {'thing does' if broken == 1 else 'things do'} not work")
    else:
        head = layout.green("everything works")
    tail = [f"{doubtful} to look at"] if doubtful else []
    tail += [f"{different} different from Motia 0.x"] if different else []
    return ", ".join([head, *tail])
