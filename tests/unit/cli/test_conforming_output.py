"""What is shown of conformance cases: lines as they come, one line that changes on terminals, JSON, the table alone."""

from __future__ import annotations

import json

import pytest

from motia_core.cli.conforming_output import JsonOutput, LiveOutput, Output, TableOutput
from motia_core.cli.layout import Layout
from motia_core.conformance.report import Outcome, Report, Result


def result(case: str, outcome: Outcome, **more: object) -> Result:
    facts: dict[str, object] = {"rules": ("SHAPE-2",), "seconds": 0.25, **more}
    return Result(case, "1", "go", "default", "What must be so.", outcome=outcome, **facts)  # type: ignore[arg-type]


PASSED = result("l1_invoke/echo", Outcome.PASSED)
FAILED = result(
    "l1_invoke/sync",
    Outcome.FAILED,
    where="GET /go/sync",
    expected='{"sync":true}',
    came="500",
    said=("error it broke",),
)
GAP = result("l1_invoke/multipart", Outcome.GAP, reason="no uploads")
CLOSED = result("l1_invoke/http", Outcome.CLOSED, reason="no cookies")
REPORT = Report("Go", [PASSED, FAILED, GAP, CLOSED])
FAILURE = """\
✗ l1_invoke/sync[go]  250 ms
    What must be so.
    SHAPE-2 A message MUST hold at least one frame. A receiver MUST ignore a
      message without frames.
    did      GET /go/sync
    expected {"sync":true}
    came     500
    written last by the core and the sidecar:
      error it broke
"""


def shown(output: Output, capsys: pytest.CaptureFixture[str]) -> str:
    for each in REPORT.results:
        output.told(each)
    output.ended(REPORT)
    return capsys.readouterr().out


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(Output(Layout(width=80)), capsys)
    assert out.startswith("✓ l1_invoke/echo[go]  250 ms\n" + FAILURE)
    assert "– l1_invoke/multipart[go]  gap: no uploads\n" in out
    assert "It passes, and is listed as a gap (no cookies)" in out
    assert out.endswith("Go: 1 passed, 1 known gap, 1 listed gap that is none, 1 failed\n")
    assert "| 1: handlers | 4 | 1 | 1 | 2 |\n" in out


def test_on_a_terminal_what_is_not_green_stays(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(LiveOutput(Layout(width=80)), capsys)
    stays = "".join(line.rpartition("\r\x1b[2K")[2] + "\n" for line in out.splitlines())
    assert "✓ l1_invoke/echo" not in stays
    assert FAILURE in stays
    assert "✗ level 1: 1 passed, 2 not as they should be\n" in stays


def test_table_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for each in REPORT.results:
        TableOutput(Layout(width=80)).told(each)
    TableOutput(Layout(width=80)).ended(REPORT)
    captured = capsys.readouterr()
    assert captured.out.startswith("| level | cases | passed | gaps | failed |\n")
    assert captured.err.startswith(FAILURE)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(JsonOutput(Layout()), capsys))
    assert (found["sdk"], found["green"]) == ("Go", False)
    assert [each["outcome"] for each in found["results"]] == ["passed", "failed", "gap", "closed"]
    assert found["results"][1]["rules"] == ["SHAPE-2"]
