"""docs/guides/several-steps.md: what it shows loads, has no type errors, and does what the page says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import COMMAND
from tests.integration.test_guides import GUIDES, SDK, TSCONFIG, served, state, until, written
from tests.repo.repository import blocks

GUIDE = "several-steps"
LANGUAGES = ("ts", "python")
STEPS = {"ts": 4, "python": 4 + 2 + 1}  # orders; regions, and what watches


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_steps_of_all_files_load_without_a_problem(language: str, tmp_path: Path) -> None:
    written(GUIDE, language, tmp_path)
    checked = subprocess.run([COMMAND, "check", str(tmp_path), "--json"], check=False, capture_output=True, timeout=60)
    found = json.loads(checked.stdout)
    assert found["steps"] == {"total": STEPS[language], "loaded": STEPS[language]}
    assert found["problems"] == []


@pytest.mark.parametrize("strictness", ["strict", "loose"])
def test_typescript_follows_from_the_config(strictness: str, tmp_path: Path) -> None:
    [file] = written(GUIDE, "ts", tmp_path)
    if strictness == "strict":  # what is wrong is found: the body has no such member, and the event needs its data
        file.write_text(file.read_text().replace("req.body.amount", "req.body.amonut"))
    (tmp_path / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    compiler = SDK / "node_modules" / ".bin" / "tsc"
    result = subprocess.run([compiler, "-p", tmp_path], check=False, capture_output=True, text=True, timeout=120)
    assert ("amonut" in result.stdout) is (strictness == "strict"), result.stdout
    assert (result.returncode == 0) is (strictness == "loose"), result.stdout


def test_type_checkers_know_what_functions_get(tmp_path: Path) -> None:
    file = written(GUIDE, "python", tmp_path)[0]
    shown = file.read_text()
    for text, is_right in ((shown, True), (shown.replace("req.body.amount", "req.body.amonut"), False)):
        file.write_text(text)
        # without its cache: a file of the same size, written within the same second, is the same file to it
        command = [Path(sys.executable).with_name("mypy"), "--strict", "--config-file", "", "--cache-dir", os.devnull]
        command.append(file)
        result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        wrong = [line for line in result.stdout.splitlines() if "no-untyped-def" not in line and ": error:" in line]
        assert [("amonut" in line) for line in wrong] == ([] if is_right else [True]), result.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_are_placed_changed_and_booked(language: str, tmp_path: Path) -> None:
    with served(GUIDE, language, tmp_path) as core:
        placed = httpx.post(f"{core.url}/orders", json={"customer": "Ada", "amount": 12})
        assert placed.status_code == 201, placed.text
        order = placed.json()["id"]
        until(lambda: state(core, "books"), {"total": {"amount": 12}})
        changed = httpx.put(f"{core.url}/orders/{order}", json={"customer": "Ada", "amount": 7})
        assert changed.json() == {"id": order}
        assert state(core, "orders") == {order: {"customer": "Ada", "amount": 7}}
        crons = httpx.get(f"{core.url}/__motia/cron").json()
        assert [cron["step"] for cron in crons["cron"]] == ["OrderReport"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_does_not_fit_is_refused_and_large_books_are_told(language: str, tmp_path: Path) -> None:
    with served(GUIDE, language, tmp_path) as core:
        refused = httpx.post(f"{core.url}/orders", json={"customer": "Ada", "amount": "much"})
        assert refused.status_code == 400
        assert refused.json()["details"]["errors"][0]["path"] == "/amount"
        if language == "ts":
            return  # the page has no step for large books in it
        httpx.post(f"{core.url}/orders", json={"customer": "Ada", "amount": 2000}).raise_for_status()
        until(lambda: state(core, "alerts"), {"total": 2000})


def test_a_decorated_function_is_called_by_tests_as_the_page_says(tmp_path: Path) -> None:
    written(GUIDE, "python", tmp_path)
    [shown] = [
        block.text for block in blocks(GUIDES / f"{GUIDE}.md") if block.text.startswith("# tests/test_orders.py")
    ]
    file = tmp_path / "tests" / "test_orders.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(shown)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")  # as testing.md says
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", file]
    result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=100)
    assert "1 passed" in result.stdout, result.stdout + result.stderr
