"""The thread that writes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from motia_core.cli import writer as module
from motia_core.cli.writer import LineWriter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for fd in (reading, writing):
        try:
            os.close(fd)
        except OSError:
            continue  # the test closed it


def test_lines_arrive_in_order_and_before_close_returns(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    for number in range(2_500):
        writer.write(f"{number}")
    writer.close()
    os.set_blocking(pipe[0], False)
    assert os.read(pipe[0], 1_000_000).decode().split() == [str(number) for number in range(2_500)]


def test_text_that_is_not_utf8_is_escaped(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    writer.write("a\udcffb")
    writer.close()
    assert os.read(pipe[0], 100) == b"a\\udcffb\n"


def test_reader_that_left_does_no_harm(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    writer = LineWriter(pipe[1])
    writer.write("one")
    writer.write("two")
    writer.close()


def test_slow_reader_costs_lines_not_time(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    writer = LineWriter(pipe[1])
    writer.write("x" * 1_000_000)  # more than a pipe holds
    received = os.read(pipe[0], 1)  # from here on the thread waits for us
    for number in range(30):
        writer.write(f"line {number}")
    while b"were dropped here" not in received:
        received += os.read(pipe[0], 100_000)
    writer.close()
    *kept, last = received.decode().splitlines()[1:]
    assert kept == [f"line {number}" for number in range(10)]
    assert last == "… 20 lines were dropped here: the output is not read fast enough"
