"""The example in two windows of a browser: what is done in one shows in the other, whatever happens to the core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.core import RunningCore, running_core
from tests.repo.repository import ROOT

NPM = Path(__file__).parents[2] / "npm"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(ROOT / "examples/live-board", tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def seen(board: RunningCore, tmp_path_factory: pytest.TempPathFactory) -> Any:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing: install the package chromium")
    if browser is None:
        pytest.skip("Chromium is not installed: THE LIVE BOARD WAS NOT LOOKED AT (install the package chromium)")
    folder = tmp_path_factory.mktemp("pictures")
    command = ["node", NPM / "live-board.mjs", browser, board.url, folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_note_shows_in_the_other_window(seen: Any) -> None:
    assert seen["notes"] == {"Ada": ["first", "second"], "Grace": ["first", "second"]}


def test_dragged_note_moves_in_the_other_window(seen: Any) -> None:
    assert abs(seen["dropped"]["x"] - seen["start"]["x"]) > 0.05
    assert abs(seen["moved"]["x"] - seen["dropped"]["x"]) < 0.02
    assert abs(seen["moved"]["y"] - seen["dropped"]["y"]) < 0.02


def test_everybody_sees_who_is_here(seen: Any) -> None:
    assert seen["members"] == {"Ada": ["Ada (you)", "Grace"], "Grace": ["Ada", "Grace (you)"]}
    assert seen["alone"] == ["Ada (you)"]


def test_answer_is_written_word_by_word(seen: Any) -> None:
    lengths = seen["lengths"]
    assert len(lengths) > 5
    assert lengths == sorted(lengths)
    assert seen["answer"].count("Where do we start?") == 1


def test_window_that_was_offline_catches_up(seen: Any) -> None:
    assert seen["offline"] == ["first", "second"]
    assert seen["back"] == ["first", "second", "while away"]


def test_it_fits_the_window_light_and_dark(seen: Any) -> None:
    assert seen["backgrounds"] == {"Ada": "rgb(244, 242, 238)", "Grace": "rgb(25, 26, 29)"}
    assert [name for name, overflow in seen["overflow"].items() if overflow > 0] == []


def test_nothing_is_wrong_in_the_console_and_nobody_else_is_asked(seen: Any, board: RunningCore) -> None:
    assert [text for text in seen["said"] if "ERR_INTERNET_DISCONNECTED" not in text] == []
    assert [url for url in seen["asked"] if not url.startswith((f"{board.url}/", "data:"))] == []
