"""The rules of the house that can be counted: length of files and functions, names, docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.repo.repository import files, name_of

PRODUCT = ("core/", "sdk-python/", "sdk-node/src/", "sdk-go/", "sdk-ruby/")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
REFUSED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
UNFINISHED = ("TODO", "FIXME", "XXX")
STEPS = ("core/motia_core/conformance/cases/", "core/motia_core/conformance/wire/steps/")  # as users write them


def product(*suffixes: str) -> list[Path]:
    names = {path: name_of(path) for path in files(*suffixes)}
    found = [path for path, name in names.items() if name.startswith(PRODUCT) and not name.startswith(STEPS)]
    assert found
    return found


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in product(".py", ".ts", ".js", ".go", ".rb")}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_functions_are_short() -> None:
    long = []
    for path in product(".py"):
        for function in functions(path):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > MOST_FUNCTION_LINES:
                long.append(f"{name_of(path)}:{function.lineno} {function.name}: {length} lines")
    assert long == []


def test_modules_are_named_after_what_they_own() -> None:
    found = product(".py", ".ts", ".js", ".go", ".rb")
    assert [name_of(path) for path in found if REFUSED_NAMES & {path.name.split(".")[0], path.parent.name}] == []


def test_python_modules_say_what_they_own() -> None:
    assert [name_of(path) for path in product(".py") if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_nothing_is_left_unfinished() -> None:
    found = product(".py", ".ts", ".js", ".go", ".rb")
    assert [name_of(path) for path in found if any(word in path.read_text() for word in UNFINISHED)] == []
