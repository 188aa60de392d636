"""Results are counted case by case, and gaps are told with their reasons."""

from __future__ import annotations

from motia_core.conformance.report import Outcome, Report, Result
from motia_core.conformance.table import table


def result(case: str, outcome: Outcome, lang: str = "go", reason: str = "") -> Result:
    level = {"l1": "1", "l2": "2", "wi": "wire"}[case[:2]]
    return Result(case, level, lang, "default", "about", ("INVOKE-2",), outcome, reason=reason)


def test_table_counts_cases_not_runs() -> None:
    report = Report("Go")
    report.results += [
        result("l1_invoke/echo", Outcome.PASSED),
        result("l1_invoke/echo", Outcome.PASSED, "other"),
        result("l1_invoke/sync", Outcome.FAILED),
        result("l1_invoke/sync", Outcome.PASSED, "other"),
        result("l2_context/state", Outcome.CLOSED, reason="not there yet"),
        result("l2_context/sockets", Outcome.GAP, reason="needs sockets"),
        result("wire/one_credit", Outcome.PASSED),
        result("wire/streamed", Outcome.DOES_NOT_APPLY),
    ]
    assert table(report).splitlines() == [
        "| level | cases | passed | gaps | failed |",
        "|---|---|---|---|---|",
        "| 1: handlers | 2 | 1 | 0 | 1 |",
        "| 2: context | 2 | 0 | 1 | 1 |",
        "| wire | 1 | 1 | 0 | 0 |",
        "",
        "| gap | reason |",
        "|---|---|",
        "| `l2_context/sockets` | needs sockets |",
    ]
    assert [failure.case for failure in report.failures] == ["l1_invoke/sync", "l2_context/state"]
    assert not report.is_green


def test_gaps_are_green() -> None:
    report = Report("Go", [result("l2_context/sockets", Outcome.GAP, reason="needs sockets")])
    assert report.is_green
