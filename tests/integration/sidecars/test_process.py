"""SidecarProcess: output becomes log records, the end is explained."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from motia_core.errors import SidecarStartError
from motia_core.sidecars.process import LINES_PER_S, LONGEST_LINE_BYTES, SidecarProcess
from tests.fakes.sidecars import FakeLog


async def run(log: FakeLog, code: str) -> tuple[SidecarProcess, str]:
    process = await SidecarProcess.start((sys.executable, "-c", code), os.environ, Path.cwd(), "python", log)
    return process, await process.wait()


def test_lines_become_records_by_stream() -> None:
    log = FakeLog()
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.stdout.write('no newline')"
    process, how = asyncio.run(run(log, code))
    assert how == "exit code 0"
    assert log.messages("info") == ["out", "no newline"]
    assert log.messages("error") == ["err"]
    assert set(process.tail) == {"out", "err", "no newline"}


def test_flood_is_dropped_and_counted() -> None:
    log = FakeLog()
    asyncio.run(run(log, "for i in range(200_000): print(i)"))
    kept, dropped = log.messages("info"), log.messages("warn")
    assert LINES_PER_S <= len(kept) < 20_000
    assert not dropped or "lines of stdout dropped" in dropped[0]


def test_endless_line_is_cut() -> None:
    log = FakeLog()
    asyncio.run(run(log, "import sys; sys.stdout.write('x' * 3_000_000)"))
    assert all(len(line) <= LONGEST_LINE_BYTES for line in log.messages("info"))


def test_invalid_utf8_is_shown_as_far_as_possible() -> None:
    log = FakeLog()
    asyncio.run(run(log, r"import sys; sys.stdout.buffer.write(b'caf\xe9\n')"))
    assert log.messages("info") == ["caf\ufffd"]


def test_killed_process_says_by_which_signal() -> None:
    _, how = asyncio.run(run(FakeLog(), "import os; os.kill(os.getpid(), 9)"))
    assert how == "killed by SIGKILL"


def test_missing_executable_is_explained() -> None:
    async def scenario() -> None:
        with pytest.raises(SidecarStartError, match="/no/such/node cannot be started: No such file"):
            await SidecarProcess.start(("/no/such/node",), {}, Path.cwd(), "node", FakeLog())

    asyncio.run(scenario())


def test_stdin_stays_open_while_the_core_lives() -> None:
    async def scenario() -> None:
        code = "import sys; sys.stdin.read(); sys.exit(7)"
        process = await SidecarProcess.start((sys.executable, "-c", code), os.environ, Path.cwd(), "python", FakeLog())
        await asyncio.sleep(0.2)
        assert process.alive
        assert process._process.stdin is not None
        process._process.stdin.close()
        assert await process.wait() == "exit code 7"

    asyncio.run(scenario())
