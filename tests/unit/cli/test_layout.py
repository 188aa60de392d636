"""Text for terminals."""

from __future__ import annotations

import io

import pytest

from motia_core.cli.layout import Layout, clean, shortened


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "env", "has_colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_follows_stream_and_environment(stream: io.StringIO, env: dict[str, str], has_colour: bool) -> None:
    assert Layout.of(stream, env).has_colour is has_colour


def test_terminal_decides_on_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert Layout.of(Terminal(), {}).width == 72
    assert Layout.of(io.StringIO(), {}).width > 10_000


ROWS = [("GET", "/orders/:id", "GetOrder", "steps/orders/get-order.step.ts"), ("POST", "/o", "Create", "src/c.step.ts")]


def test_columns_are_aligned() -> None:
    assert Layout().columns(ROWS) == [
        "  GET   /orders/:id  GetOrder  steps/orders/get-order.step.ts",
        "  POST  /o           Create    src/c.step.ts",
    ]


@pytest.mark.parametrize("width", range(40, 80))
def test_columns_fit_the_width(width: int) -> None:
    lines = Layout(width).columns([*ROWS, ("PATCH", "/" + "long/" * 20, "Name" * 10, "steps/x.step.ts")])
    assert max(map(len, lines)) <= width


def test_last_column_is_cut_at_its_start_so_that_the_file_name_stays() -> None:
    assert Layout(50).columns(ROWS)[0] == "  GET   /orders/:id  GetOrder  …/get-order.step.ts"


def test_nothing_has_no_columns() -> None:
    assert Layout().columns([]) == []


def test_paragraph_wraps_and_keeps_line_breaks() -> None:
    assert Layout(19).paragraph("one two three four\nfive", "- ", "  ") == ["- one two three", "  four", "  five"]
    assert Layout().paragraph("", "  ") == ["  "]


def test_shortened() -> None:
    assert (shortened("abcdef", 4), shortened("abc", 4), shortened("abc", 0)) == ("abc…", "abc", "…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日本 🎉", "plain ü 日本 🎉"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J\x1b[1A", "\\x1b[2J\\x1b[1A"),
        ("windows\r\n", "windows\n"),
        ("over\rwrite", "overwrite"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m\x00", "\\x9b31m\\x00"),
    ],
)
def test_clean_leaves_nothing_that_a_terminal_obeys(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_clean_keeps_colours_where_they_are_shown() -> None:
    assert clean("\x1b[1;31mred\x1b[0m\x1b[2J", keeps_colour=True) == "\x1b[1;31mred\x1b[0m\\x1b[2J"


def test_text_ends_are_cut_at_their_end() -> None:
    assert Layout(40).columns([("a", "word " * 20)], ends_with_path=False)[0].startswith("  a  word word")
