"""`motia-core conformance` as the author of an SDK uses it: a folder with an sdk.toml, and step files for the cases."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from motia_core.bundled import sdk_folder
from motia_core.conformance import run
from motia_core.conformance.case import CASES
from motia_core.conformance.report import Outcome
from tests.conformance.core import COMMAND
from tests.repo.repository import ROOT, blocks

PAGE = ROOT / "docs" / "conformance.md"
# The SDK for Node, as somebody else's: its files are JavaScript that calls itself "mine".
SDK = f"""
group = "node"
name = "Mine"
suffixes = {{ js = "mine" }}
command = ["node", "{sdk_folder("node")}/dist/main.js"]
"""


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    """An SDK whose step files are those of level 1."""
    folder = tmp_path / "my-sdk"
    for source in (CASES / "l1_invoke").glob("*/javascript.step.js"):
        target = folder / "conformance" / "l1_invoke" / source.parent.name / "mine.step.js"
        target.parent.mkdir(parents=True)
        target.write_text(source.read_text().replace("javascript", "mine"))
    (folder / "conformance" / "package.json").write_text('{ "type": "module" }')
    describe(folder)
    return folder


def describe(sdk: Path, **gaps: str) -> None:
    listed = "".join(f'"l1_invoke/{case}" = "{reason}"\n' for case, reason in gaps.items())
    (sdk / "sdk.toml").write_text(f"{SDK}\n[conformance.gaps]\n{listed}")


def change(sdk: Path, case: str, before: str, after: str) -> None:
    path = sdk / "conformance" / "l1_invoke" / case / "mine.step.js"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def conformance(sdk: Path, *options: str, code: int = 0) -> str:
    command = [COMMAND, "conformance", f"./{sdk.name}", *options]
    done = subprocess.run(command, cwd=sdk.parent, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_documented_command_of_level_1_is_green(sdk: Path) -> None:
    (command,) = (block.text.strip() for block in blocks(PAGE) if block.language == "sh")
    assert command == "motia-core conformance ./my-sdk --level 1"
    told = conformance(sdk, "--level", "1", "--profile", "default")
    cases = len(re.findall(r"^✓ ", told, re.MULTILINE))
    assert cases > 15
    assert f"| 1: handlers | {cases} | {cases} | 0 | 0 |" in told
    assert f"Mine: {cases} passed" in told


def test_documented_python_is_run(
    sdk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (snippet,) = (block.text for block in blocks(PAGE) if block.language == "python")
    change(sdk, "echo", "body: req.body", "body: 1")
    monkeypatch.chdir(sdk.parent)
    exec(snippet.replace('"l1_invoke/*"', '"l1_invoke/echo"'), {})
    assert "l1_invoke/echo[mine] ('INVOKE-2'" in capsys.readouterr().out


def test_failure_is_told_with_its_rules(sdk: Path) -> None:
    change(sdk, "sync", "sync: true", "sync: false")
    told = conformance(sdk, "--case", "sync", "--profile", "default", code=1)
    assert "✗ l1_invoke/sync[mine]" in told
    assert "INVOKE-2 The sidecar MUST send exactly one `Complete` for each `Invoke`" in told
    assert re.search(r'did +GET /mine/sync\n +expected {"sync":true}\n +came +{"sync":false}\n', told)
    assert "| 1: handlers | 1 | 0 | 0 | 1 |" in told


def test_gaps_are_green_until_they_close(sdk: Path) -> None:
    change(sdk, "sync", "sync: true", "sync: false")
    describe(sdk, sync="handlers lie")
    assert "gap: handlers lie" in conformance(sdk, "--case", "sync")
    assert "| `l1_invoke/sync` | handlers lie |" in conformance(sdk, "--case", "sync", "--table")
    change(sdk, "sync", "sync: false", "sync: true")
    assert "It passes, and is listed as a gap (handlers lie)" in conformance(sdk, "--case", "sync", code=1)


def test_gap_of_no_case_is_refused(sdk: Path) -> None:
    describe(sdk, ehco="typed too fast")
    assert "there is no case 'l1_invoke/ehco'" in conformance(sdk, code=2)


def test_missing_and_broken_files_are_told(sdk: Path) -> None:
    shutil.rmtree(sdk / "conformance" / "l1_invoke" / "sync")
    change(sdk, "echo", "export const handler", "export const =")
    told = conformance(sdk, "--case", "[es]*[oc]", "--profile", "default", code=1)
    assert "conformance/l1_invoke/sync/*.step.js, as " in told
    assert "loading steps/l1_invoke/echo/mine.step.js" in told
    assert "compile: " in told


def test_sdk_that_cannot_be_started_is_told(sdk: Path) -> None:
    (sdk / "sdk.toml").write_text(SDK.replace('"node", ', '"/nowhere/node", '))
    told = conformance(sdk, "--case", "sync", "--profile", "default", code=1)
    assert "/nowhere/node" in told


def test_json_and_kept_projects(sdk: Path) -> None:
    found = json.loads(conformance(sdk, "--case", "sync", "--profile", "default", "--json", "--keep", "kept"))
    (result,) = found["results"]
    assert (found["green"], result["case"], result["outcome"]) == (True, "l1_invoke/sync", "passed")
    kept = sdk.parent / "kept" / "default" / "project"
    assert (kept / "steps" / "l1_invoke" / "sync" / "mine.step.js").exists()
    assert (kept / "package.json").exists()
    assert "kept is not empty" in conformance(sdk, "--keep", "kept", code=2)


def test_report_says_what_it_did_not_find(sdk: Path) -> None:
    report = run(sdk, levels={"wire"})
    assert [(result.case, result.outcome) for result in report.results] == [("wire/start", Outcome.FAILED)]
    assert "conformance/wire is not there" in report.results[0].came
