"""The stream clients of Motia 0.x work, as they were published."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.core import RunningCore

NPM = Path(__file__).parents[2] / "npm"


def seen_by(kind: str, core: RunningCore) -> Any:
    if not (NPM / "node_modules" / "@motiadev").exists():
        pytest.fail("the packages of 0.x are missing: run make setup")
    command = ["node", NPM / "old-clients.mjs", core.url.replace("http", "ws", 1), core.url, kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["node", "browser"])
def test_client_of_0_17_works_unchanged(kind: str, core: RunningCore) -> None:
    seen = seen_by(kind, core)
    assert seen["states"] == [["b:zwei"], []]
    assert seen["sorted"] == ["a:eins", "b:zwei"]
    assert sorted(seen["events"]) == [["group", 1], ["group", 2], ["item", 2]]
    assert seen["afterClose"] == 0
    assert seen["again"] == ["c:drei", "d:vier"]
    # The browser's has a token in its sub-protocols: it is somebody who may.
    refused = [["STREAM_ACCESS_DENIED", "Access denied"], ["STREAM_ACCESS_DENIED", "Stream nothing not found"]]
    assert seen["denied"] == (refused if kind == "node" else refused[1:])


def test_react_hooks_of_0_17_work_unchanged(core: RunningCore) -> None:
    assert seen_by("react", core) == {
        "seen": ["a:eins|eins", "b:drei a:eins|eins", "b:drei a:zwei|zwei"],
        "events": [7],
    }


def test_a_client_of_0_17_sees_what_its_workbench_saw(core: RunningCore) -> None:
    assert seen_by("inside", core) == {"name": "Put", "events": [["stream", "board", "set"]]}
