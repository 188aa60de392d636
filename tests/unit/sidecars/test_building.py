"""What an SDK has to do before a version of the project is started."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from motia_core.errors import SidecarStartError
from motia_core.sidecars import building


def run(folder: Path, code: str, *, timeout_s: float = 20) -> None:
    argv = (sys.executable, "-c", code)
    asyncio.run(
        building.run(argv, dict(os.environ), folder, ["steps/a.step.x", "steps/b.step.x"], "the X steps", timeout_s)
    )


def test_it_gets_the_files_and_runs_in_the_project(tmp_path: Path) -> None:
    run(tmp_path, "import sys; open('built', 'w').write(sys.stdin.read())")
    assert (tmp_path / "built").read_text() == "steps/a.step.x\nsteps/b.step.x\n"


def test_what_it_printed_is_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SidecarStartError) as error:
        run(tmp_path, "import sys; print('one'); sys.stdout.flush(); sys.exit('a.step.x:3: no such name')")
    summary, _, output = error.value.message.partition("\n")
    assert summary.startswith("the X steps cannot be built (")
    assert summary.endswith("ended with code 1):")
    assert output == "one\na.step.x:3: no such name"


def test_one_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    began_s = time.monotonic()
    with pytest.raises(SidecarStartError, match=r"takes longer than 0\.5 s"):
        run(tmp_path, code, timeout_s=0.5)
    assert time.monotonic() - began_s < 20


def test_missing_program_is_said(tmp_path: Path) -> None:
    with pytest.raises(SidecarStartError, match=r"nothing-of-this-name cannot be started: No such file"):
        asyncio.run(building.run(("nothing-of-this-name",), dict(os.environ), tmp_path, [], "the X steps", 5))
