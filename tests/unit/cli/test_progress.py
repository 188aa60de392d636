"""How far a package manager is, and what is drawn of it on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from motia_core.cli.progress import Share, measure_of

PROGRAM = """
import os, sys
from pathlib import Path
from motia_core.cli.activity import run_shown
from motia_core.cli.layout import Layout
from motia_core.cli.progress import measure_of
work = "import os, time; print(os.environ['SAYS'], flush=True)\\nwhile not os.path.exists('go'): time.sleep(0.01)"
run_shown([sys.executable, "-c", work], Path(), os.environ, "node    work", Layout.of(sys.stdout), verbose=False,
          measure=measure_of(os.environ["TOOL"], Path()))
"""


def shown(folder: Path, tool: str, says: str, wanted: str) -> str:
    """What a terminal shows until something wanted is there; then the tool ends."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TOOL": tool, "SAYS": says, "COLUMNS": "120"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    text = b""
    try:
        while wanted.encode() not in text:
            try:
                text += os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
    finally:
        (folder / "go").touch()
        os.close(ours)
        process.wait(timeout=30)
    return text.decode()


def test_npm_is_as_far_as_the_packages_of_its_lockfile_are_there(tmp_path: Path) -> None:
    there, missing = "node_modules/a", "node_modules/a/node_modules/@b/c"
    packages = {"": {}, there: {}, missing: {}, "node_modules/d": {"optional": True}, "lib": {}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    (tmp_path / there).mkdir(parents=True)
    (tmp_path / there / "package.json").touch()
    share = measure_of("npm", tmp_path)([])
    assert share == Share(1, 2, "packages")
    assert str(share) == " 50 %  1 of 2 packages"


def test_nothing_is_said_that_is_not_known(tmp_path: Path) -> None:
    assert measure_of("npm", tmp_path)([]) is None  # no lockfile
    assert measure_of("pip", tmp_path)(["Collecting pydantic"]) is None
    assert measure_of("pnpm", tmp_path)(["Progress: resolved 1, reused 0, downloaded 0, added 0"]) is None


def test_yarn_says_which_step_it_is_at(tmp_path: Path) -> None:
    assert measure_of("yarn", tmp_path)(["[1/4] Resolving packages...", "[3/4] Linking"]) == Share(2, 4, "steps")


def test_a_terminal_shows_the_percentage(tmp_path: Path) -> None:
    text = shown(tmp_path, "pnpm", "Progress: resolved 4, reused 0, downloaded 1, added 1", "1 of 4 packages")
    assert "━━━─────────   25 %  1 of 4 packages" in text


def test_a_terminal_shows_what_is_done_when_nobody_knows_how_far(tmp_path: Path) -> None:
    text = shown(tmp_path, "pip", "Collecting pydantic", "Collecting pydantic")
    assert "%" not in text
    assert " s  " in text
