"""What a serving core shows, as text and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from motia_core.cli.console import JsonConsole, TextConsole
from motia_core.cli.layout import Layout
from motia_core.engine.ports import Console
from motia_core.model.project import Problem, Project
from tests.fakes.projects import a_project


def missing(path: str, line: int) -> Problem:
    cause, remedy = "Cannot find 'openai'", "npm install"
    return Problem("error", path, "resolve", cause, line, remedy=remedy, missing_module="openai")


STEPS: dict[str, dict[str, object]] = {
    "steps/create.step.ts": {
        "type": "api",
        "name": "Create",
        "path": "/o",
        "method": "POST",
        "emits": ["o.new", "x", "o.paid"],
    },
    "steps/get_step.py": {"type": "api", "name": "Get", "path": "/o/:id", "method": "GET"},
    "steps/price_step.py": {"type": "event", "name": "Price", "subscribes": ["o.new"], "waitsFor": ["o.paid"]},
    "steps/mail.step.js": {"type": "event", "name": "Mail", "subscribes": ["o.new"]},
    "steps/daily.step.js": {"type": "cron", "name": "Daily", "cron": "0 9 * * *", "timezone": "Europe/Berlin"},
    "steps/hand.step.ts": {"type": "noop", "name": "Hand"},
    "steps/chat.stream.ts": {"name": "chat"},
}
BROKEN = Problem("error", "steps/c.step.ts", "compile", "unexpected token", 7, stack="at c")
PROBLEMS = (missing("steps/a.step.ts", 1), missing("steps/b.step.ts", 2), BROKEN)
PROJECT = a_project(STEPS, no_handler=("steps/hand.step.ts",), problems=PROBLEMS)


class Lines:
    """Stands in for a LineWriter."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines += line.split("\n")


def text(width: int = 120, *, has_colour: bool = False, least: str = "info") -> tuple[TextConsole, list[str]]:
    writer = Lines()
    console = TextConsole(writer, Layout(width, has_colour), Path("/p/shop"), "1.2", least=least)  # type: ignore[arg-type]  # writes lines
    return console, writer.lines


def as_json(least: str = "info") -> tuple[JsonConsole, Lines]:
    writer = Lines()
    return JsonConsole(writer, "1.2", least=least), writer  # type: ignore[arg-type]  # writes lines


def test_both_are_consoles() -> None:
    consoles: list[Console] = [text()[0], as_json()[0]]
    assert consoles


def test_start_is_a_readable_page() -> None:
    console, lines = text()
    console.found(PROJECT)
    console.ready(["http://127.0.0.1:3000"], 0.514)
    assert lines == [
        "",
        "motia-core 1.2  /p/shop",
        "",
        "steps",
        "  api    2  1 TypeScript, 1 Python",
        "  event  2  1 Python, 1 JavaScript",
        "  cron   1  1 JavaScript",
        "  noop   1  1 TypeScript",
        "",
        "routes",
        "  POST  /o      Create  steps/create.step.ts",
        "  GET   /o/:id  Get     steps/get_step.py",
        "",
        "events",
        "  o.new   → Price, Mail",
        "  o.paid  → Price (waits)",
        "  x       → nobody",
        "",
        "schedules",
        "  0 9 * * *  Daily (Europe/Berlin)  steps/daily.step.js",
        "",
        "streams",
        "  chat",
        "",
        "problems",
        "  ✗ Cannot find 'openai' (2 files)",
        "    steps/a.step.ts:1",
        "    steps/b.step.ts:2",
        "    → npm install",
        "  ✗ steps/c.step.ts:7",
        "    unexpected token",
        "",
        "loaded 6 of 9 steps (3 failed)",
        "ready in 0.51 s on http://127.0.0.1:3000  Ctrl-C stops",
        "workbench http://127.0.0.1:3000/__motia/workbench/",
        "",
    ]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_start_fits_the_terminal(width: int) -> None:
    console, lines = text(width)
    console.found(PROJECT)
    assert max(map(len, lines)) <= width


def test_colours_do_not_change_the_text() -> None:
    plain, plain_lines = text()
    coloured, coloured_lines = text(has_colour=True)
    for console in (plain, coloured):
        console.found(PROJECT)
        console.stopping("SIGINT", again=False)
    assert any("\x1b[31m✗" in line for line in coloured_lines)
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured_lines] == plain_lines


def test_large_project_is_cut_at_the_start() -> None:
    configs = {
        f"steps/{n}.step.ts": {"type": "api", "name": f"N{n}", "path": f"/{n}", "method": "GET"} for n in range(60)
    }
    console, lines = text()
    console.found(a_project(configs))
    assert "  … and 20 more" in lines


def test_empty_project_and_one_where_everything_is_fine() -> None:
    console, lines = text()
    console.found(Project())
    assert lines == ["", "motia-core 1.2  /p/shop", "", "loaded 0 steps"]
    console.found(a_project({"steps/a.step.ts": {"type": "noop"}}))
    assert lines[-1] == "loaded 1 step"


def test_stopping_says_how_to_stop_at_once() -> None:
    console, lines = text()
    console.stopping("SIGTERM", again=False)
    console.stopping("SIGINT", again=True)
    assert lines == ["stopping: what runs is finished; again stops at once (SIGTERM)", "stopping at once (SIGINT)"]


# --- records


def recorded(
    console: TextConsole, lines: list[str], level: str = "info", message: str = "m", **facts: object
) -> list[str]:
    console.record(level, message, **facts)  # type: ignore[arg-type]  # keywords of record
    return [re.sub(r"^\[\d\d:\d\d:\d\d\]", "[t]", line) for line in lines]


def test_record_has_trace_level_step_message_and_fields() -> None:
    shown = recorded(*text(), "warn", "low stock", step="Price", trace_id="Q7KPD-4821907", fields=b'{"left":1}')
    assert shown == ['[t] Q7KPD-4821907 WARN Price low stock {"left":1}']


def test_record_without_anything_else() -> None:
    assert recorded(*text()) == ["[t] INFO m"]
    assert recorded(*text(), "shout") == ["[t] INFO m"]


def test_time_is_that_of_the_record() -> None:
    console, lines = text()
    console.record("info", "m", time_ms=1_700_000_000_000)
    assert re.match(r"\[\d\d:\d3:20\] ", lines[0])


def test_records_below_the_least_level_are_left_out() -> None:
    assert recorded(*text(), "debug") == []
    assert recorded(*text(least="debug"), "debug") == ["[t] DEBUG m"]
    assert recorded(*text(least="warn"), "info") == []


def test_stack_of_an_error_stands_below_and_is_not_repeated() -> None:
    fields = b'{"error":{"type":"E","message":"boom","stack":"E: boom\\n  at f"},"attempt":1}'
    assert recorded(*text(), "error", "failed: boom", fields=fields) == [
        '[t] ERROR failed: boom {"attempt":1}',
        "    E: boom",
        "      at f",
    ]


@pytest.mark.parametrize("fields", [b'{"stack":"x"}', b'{"error":{"stack":5}}', b'{"stack"', b'["stack"]'])
def test_other_things_called_stack_are_fields(fields: bytes) -> None:
    assert recorded(*text(), fields=fields) == [f"[t] INFO m {fields.decode()}"]


def test_message_of_several_lines_is_indented_and_harmless() -> None:
    assert recorded(*text(), message="a\nb\x1b[2J\x1b[31mc") == ["[t] INFO a", "    b\\x1b[2Jc"]


def test_json_has_an_object_on_each_line() -> None:
    console, writer = as_json()
    console.found(PROJECT)
    console.ready(["http://h"], 0.5)
    console.stopping("SIGINT", again=False)
    console.record(
        "warn", "m\n2", step="S", trace_id="T", time_ms=1_700_000_000_123, fields=b'{"a":12345678901234567890123}'
    )
    found, ready, stopping, record = (json.loads(line) for line in writer.lines)
    assert (found["event"], found["version"], found["steps"]) == ("found", "1.2", {"total": 9, "loaded": 6})
    assert [step["name"] for step in found["loaded"]][:2] == ["Create", "Get"]
    assert (ready["event"], ready["urls"], ready["seconds"]) == ("ready", ["http://h"], 0.5)
    assert (stopping["reason"], stopping["again"]) == ("SIGINT", False)
    assert record == {
        "time": "2023-11-14T22:13:20.123Z",
        "level": "warn",
        "message": "m\n2",
        "step": "S",
        "traceId": "T",
        "fields": {"a": 12345678901234567890123},
    }


@pytest.mark.parametrize("fields", [b"{", b"\xff", b'{"a":\n1}'])
def test_json_stays_a_line_whatever_the_fields_are(fields: bytes) -> None:
    console, writer = as_json()
    console.record("info", "\udcff", fields=fields)
    (line,) = writer.lines
    assert json.loads(line)["message"] == "\\udcff"
    assert json.loads(line)["fields"]


def test_json_leaves_out_what_is_below_the_least_level() -> None:
    console, writer = as_json("warn")
    console.record("info", "m")
    assert writer.lines == []
