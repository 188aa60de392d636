"""What happens, in a terminal."""

from __future__ import annotations

from typing import Any

from motia_core.cli.layout import Layout
from motia_core.cli.watching import _log_line, overview, screen


def step(**changes: float) -> dict[str, Any]:
    return {"running": 0, "waiting": 0, "completed": 0, "failed": 0, "p50Ms": 0, "p95Ms": 0, **changes}


def test_numbers_stand_below_each_other() -> None:
    stats = {"steps": {"Rare": step(completed=7, p50Ms=3), "Busy": step(completed=12_345, p50Ms=1200)}}
    sidecar = {"name": "node 12", "running": 3, "memoryBytes": 2**20 * 90, "loopLagMs": 0, "restarts": 0}
    _, head, busy, rare, _, _, process = overview(stats, {"sidecars": [sidecar], "awaited": []}, Layout())
    assert [line.split()[0] for line in (head, busy, rare)] == ["step", "Busy", "Rare"]
    assert busy.index("12345") + 5 == rare.index(" 7 ") + 2 == head.index("done") + 4
    assert process.split() == ["node", "12", "3", "90", "MiB", "0", "ms", "0"]


def test_languages_that_are_missing_are_named_first() -> None:
    first, *_ = overview({"steps": {}}, {"sidecars": [], "awaited": ["go", "node"]}, Layout())
    assert first.endswith("missing: go, node")


def test_a_screen_is_written_over_and_never_longer_than_the_terminal() -> None:
    assert screen(["a", "b"], 2) == "\x1b[Ha\x1b[K\nb\x1b[K\x1b[J"
    assert screen(["a", "b", "c", "d"], 3) == "\x1b[Ha\x1b[K\nb\x1b[K\n  … 2 more lines\x1b[K\x1b[J"


def test_what_is_printed_is_of_its_process() -> None:
    record = {"time": 0, "traceId": None, "level": "info", "step": None, "msg": "here", "fields": {}}
    assert _log_line(record, Layout()).endswith("INFO here")
    record["fields"] = {"sidecar": "python", "from": "stdout"}
    assert _log_line(record, Layout()).endswith("INFO python here")
    record |= {"step": "Work", "fields": {"n": 1}}
    assert _log_line(record, Layout()).endswith('INFO Work here {"n": 1}')
