"""What is advised for files that did not load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from motia_core.model.project import Problem, Project
from motia_core.project.remedies import with_remedies


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = {"dependencies": {"openai": "^4", "@slack/web-api": "1"}, "devDependencies": {"zod": "3"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "requirements.txt").write_text("# deps\nhttpx>=0.2\nPyYAML==6\n-r other.txt\nscikit_learn\n")
    (tmp_path / ".env.example").write_text("ALPHA_VANTAGE_KEY=\nSLACK_TOKEN=x\n")
    return tmp_path


def remedy(root: Path, problem: Problem) -> str:
    return with_remedies(root, Project(problems=(problem,))).problems[0].remedy


@pytest.mark.parametrize(
    ("file", "module", "advice"),
    [
        ("a.step.ts", "openai", "openai is in package.json but not installed: motia-core install"),
        ("a.step.ts", "openai/helpers/zod", "openai is in package.json but not installed: motia-core install"),
        ("a.step.js", "@slack/web-api", "@slack/web-api is in package.json but not installed: motia-core install"),
        ("a.step.ts", "axios", "axios is not in package.json: npm install axios"),
        (
            "a.step.ts",
            "@aws-sdk/lib-storage/x",
            "@aws-sdk/lib-storage is not in package.json: npm install @aws-sdk/lib-storage",
        ),
        ("a.step.ts", "../../middlewares/core.middleware", "check the path of the import: there is no such file"),
        ("a_step.py", "httpx", "httpx is in requirements.txt but not installed: motia-core install"),
        ("a_step.py", "yaml.nodes", "pyyaml is in requirements.txt but not installed: motia-core install"),
        (
            "a_step.py",
            "sklearn",
            "scikit-learn is in requirements.txt but not installed: motia-core install",
        ),
        ("a_step.py", "agno", "agno is not in requirements.txt: pip install agno, or check the name of the import"),
        (
            "a.step.go",
            "example.org/money",
            "go mod init project, then go get example.org/money",
        ),
        (
            "a.step.go",
            "project/money",
            "check the path of the import: it begins with the name of the module in go.mod, or with project where "
            "there is none",
        ),
        ("a_step.py", ".sibling", "check the path of the import: there is no such file"),
        (
            "a_step.py",
            "motia.tracing",
            "motia.tracing is not there in motia-core: docs/compatibility.md says what takes its place",
        ),
    ],
)
def test_missing_module(root: Path, file: str, module: str, advice: str) -> None:
    assert remedy(root, Problem("error", file, "resolve", "not found", missing_module=module)) == advice


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        ("Error: ALPHA_VANTAGE_KEY is not set", "set ALPHA_VANTAGE_KEY in .env; .env.example shows how"),
        ("KeyError: 'ALPHA_KEY'", "set ALPHA_KEY in .env"),
        ("bad SLACK_TOKEN", "set SLACK_TOKEN in .env; .env.example shows how"),
        ("DISCORD_WEBHOOK environment variable is required", "set DISCORD_WEBHOOK in .env"),
        (
            "process.exit(1) was called",
            "the file, or what it imports, ends the process when something is missing; see its output",
        ),
        ("TypeError: x is not a function", ""),
    ],
)
def test_code_that_failed_at_import(root: Path, cause: str, advice: str) -> None:
    assert remedy(root, Problem("error", "a.step.ts", "import", cause)) == advice


def test_remedy_that_is_there_stays_and_warnings_get_none(root: Path) -> None:
    assert remedy(root, Problem("error", "a.step.ts", "resolve", "c", remedy="mine", missing_module="axios")) == "mine"
    assert remedy(root, Problem("warning", "a.step.ts", "config", "SLACK_TOKEN")) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"dependencies": []}', "\ufeff{}"])
def test_project_that_declares_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "package.json").write_text(content)
    problem = Problem("error", "a.step.ts", "resolve", "c", missing_module="axios")
    assert remedy(tmp_path, problem) == "axios is not in package.json: npm install axios"
