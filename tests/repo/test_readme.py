"""What the README and the other documents tell people to type works: targets, commands, requests, snippets."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.repository import ROOT, Block, blocks, documents, name_of, prose

README = ROOT / "README.md"
EXAMPLE = ROOT / "examples" / "order-pipeline"
ESBUILD = ROOT / "sdk-node" / "node_modules" / ".bin" / "esbuild"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMMAND = re.compile(r"^(?:\S*/)?motia-core ([a-z][\w-]*)")
_TARGET = re.compile(r"^make ([\w-]+)")


def shell_lines(page: Path) -> list[str]:
    text = "".join(block.text for block in blocks(page) if block.language in ("sh", "bash", "shell"))
    return [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]


def typed(page: Path, pattern: re.Pattern[str]) -> list[str]:
    """What a document shows to be typed, in shell blocks and between backticks."""
    shown = [*shell_lines(page), *re.findall(r"`([^`\n]+)`", prose(page))]
    return [match[1] for text in shown if (match := pattern.search(text))]


def snippets(language: str) -> list[Block]:
    return [block for block in blocks(README) if block.language == language]


def targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands() -> set[str]:
    from motia_core.cli import main

    return set(main.commands)


def test_start_takes_two_commands() -> None:
    start = re.search(r"^## Start\n(.*?)^## ", README.read_text(), re.MULTILINE | re.DOTALL)
    assert start is not None
    first = re.search(r"```sh\n(.*?)```", start[1], re.DOTALL)
    assert first is not None
    assert first[1].splitlines() == ["make serve", "make test"]


def test_make_targets_in_documents_exist() -> None:
    known = targets()
    used = {(name_of(page), name) for page in documents() for name in typed(page, _TARGET)}
    assert used
    assert [f"{page}: make {name}" for page, name in sorted(used) if name not in known] == []


def test_motia_core_commands_in_documents_exist() -> None:
    known = commands()
    used = {(name_of(page), name) for page in documents() for name in typed(page, _COMMAND)}
    assert used
    assert [f"{page}: motia-core {name}" for page, name in sorted(used) if name not in known] == []


def test_readme_names_projects_that_exist() -> None:
    named = {word for line in shell_lines(README) for word in line.split() if word.startswith("examples/")}
    assert named
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def test_curl_in_readme_asks_for_a_route_of_the_example() -> None:
    curls = [line for line in shell_lines(README) if line.startswith("curl")]
    assert curls
    sources = [
        path.read_text()
        for pattern in ("*.step.*", "*_step.*")
        for path in EXAMPLE.rglob(pattern)
        if path.suffix != ".pyc"
    ]
    for line in curls:
        path = re.search(r"http://127\.0\.0\.1:3000(/[^\s?'\"]*)", line)
        method = re.search(r"-X (\w+)", line)
        assert path is not None
        route = re.compile(rf"""["']?path["']?: *["']{re.escape(path[1])}["']""")
        verb = re.compile(rf"""["']{method[1] if method else "GET"}["']""")
        assert any(route.search(text) and verb.search(text) for text in sources), line


def test_python_snippets_are_steps(tmp_path: Path) -> None:
    steps = 0
    for number, block in enumerate(snippets("python")):
        file = tmp_path / "steps" / f"snippet{number}_step.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(block.text)
        functions = [node for node in ast.parse(block.text).body if isinstance(node, FUNCTIONS)]
        steps += sum(bool(node.decorator_list) or node.name == "handler" for node in functions)
    command = [Path(sys.executable).with_name("motia-core"), "check", str(tmp_path), "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    assert found["steps"]["loaded"] == steps > 1
    assert found["problems"] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="JavaScript of the README not checked: node is not installed")
def test_javascript_snippets_are_valid(tmp_path: Path) -> None:
    assert snippets("js")
    for number, block in enumerate(snippets("js")):
        file = tmp_path / f"snippet{number}.mjs"
        file.write_text(block.text)
        subprocess.run(["node", "--check", str(file)], check=True, capture_output=True, timeout=30)


@pytest.mark.skipif(not ESBUILD.exists(), reason="TypeScript of the README not checked: run make setup")
def test_typescript_snippets_are_valid() -> None:
    assert snippets("ts")
    for block in snippets("ts"):
        command = [str(ESBUILD), "--loader=ts", "--log-level=error"]
        result = subprocess.run(command, input=block.text, text=True, check=True, capture_output=True, timeout=30)
        assert "handler" in result.stdout
