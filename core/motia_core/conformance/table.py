"""The table for an SDK's README."""

from __future__ import annotations

from collections.abc import Mapping

from motia_core.conformance.report import Outcome, Report

LEVELS: Mapping[str, str] = {
    "1": "1: handlers",
    "2": "2: context",
    "3": "3: life of a process",
    "wire": "wire",
}


def table(report: Report) -> str:
    """Markdown: what each level's cases came to, and the gaps with their reasons."""
    lines = ["| level | cases | passed | gaps | failed |", "|---|---|---|---|---|"]
    for level in report.levels:
        results = report.of(level)
        names = {result.case for result in results}
        red = {result.case for result in results if result.outcome.is_red}
        gaps = {result.case for result in results if result.outcome is Outcome.GAP} - red
        counts = (len(names), len(names) - len(gaps) - len(red), len(gaps), len(red))
        lines.append(f"| {LEVELS[level]} | {' | '.join(map(str, counts))} |")
    gaps_of = {result.case: result.reason for result in report.results if result.outcome is Outcome.GAP}
    if gaps_of:
        lines += ["", "| gap | reason |", "|---|---|"]
        lines += [f"| `{case}` | {reason} |" for case, reason in sorted(gaps_of.items())]
    return "\n".join(lines)
