"""Durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.duration import read_duration, write_duration


@pytest.mark.parametrize(
    ("text", "ms"),
    [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("7d", 604_800_000), (" 1.5 s ", 1_500)],
)
def test_duration_is_read(text: str, ms: int) -> None:
    assert read_duration(text) == ms


@pytest.mark.parametrize("text", ["", "5", "s", "-5s", "5 weeks", "1e3s", "5s5s", "٥s"])
def test_other_texts_are_none(text: str) -> None:
    assert read_duration(text) is None


@given(st.integers(0, 10**6))
def test_what_is_written_is_read_again(ms: int) -> None:
    assert read_duration(write_duration(ms)) == ms


def test_shortest_text_is_written() -> None:
    written = [write_duration(ms) for ms in (1, 1_500, 60_000, 3_600_000, 86_400_000)]
    assert written == ["1ms", "1500ms", "1m", "1h", "1d"]
