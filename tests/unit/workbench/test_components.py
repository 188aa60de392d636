"""Node components: which files are, and what the endpoint says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from motia_core.errors import ComponentError
from motia_core.model.step import Step, StepType
from motia_core.workbench.components import components_of
from tests.unit.workbench.management import make_api


def steps(*paths: str) -> list[Step]:
    return [Step(path, path, path, StepType.EVENT, "typescript", "node") for path in paths]


def test_a_component_is_beside_its_step_and_has_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "steps"
    folder.mkdir()
    for name in ("a.step.tsx", "b_step.jsx", "c.step.tsx", "c.step.jsx", "orphan.step.tsx"):
        (folder / name).touch()
    (folder / "d.step.tsx").mkdir()
    found = components_of(
        tmp_path, steps("steps/a.step.ts", "steps/b_step.py", "steps/c.step.js", "steps/d.step.ts", "steps/e.step.ts")
    )
    assert found == {
        "steps/a.step.ts": "steps/a.step.tsx",
        "steps/b_step.py": "steps/b_step.jsx",
        "steps/c.step.js": "steps/c.step.tsx",
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "steps").mkdir()
    for name in ("get.step.tsx", "orphan.step.tsx", "secret.ts"):
        (tmp_path / "steps" / name).write_text("export const Node = () => null")
    (tmp_path.parent / "outside.step.tsx").write_text("export const Node = () => null")
    return tmp_path


def test_flows_name_components_and_their_modules_are_served(project: Path) -> None:
    api = make_api(project=project)
    nodes = {node["name"]: node for flow in api.get("/__motia/flows").json()["flows"] for node in flow["steps"]}
    assert nodes["Get"]["nodeComponentPath"] == "steps/get.step.tsx"
    assert "nodeComponentPath" not in nodes["Work"]
    answer = api.get("/__motia/nodes", params={"file": "steps/get.step.tsx"})
    assert (answer.status_code, answer.text) == (200, "// steps/get.step.tsx")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "file",
    [
        "",
        "steps/orphan.step.tsx",
        "steps/secret.ts",
        "steps/get.step.ts",
        "../outside.step.tsx",
        "steps/../steps/get.step.tsx",
        "/etc/hostname",
    ],
)
def test_what_draws_no_step_is_refused(project: Path, file: str) -> None:
    api = make_api(project=project)
    answer = api.get("/__motia/nodes", params={"file": file})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_AVAILABLE")
    assert api.bundled == []


def test_what_cannot_be_bundled_says_why_and_where(project: Path) -> None:
    api = make_api(project=project)
    api.failing = ComponentError("steps/get.step.tsx:3: Unexpected }", file="steps/get.step.tsx", line=3, column=7)
    answer = api.get("/__motia/nodes", params={"file": "steps/get.step.tsx"})
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "steps/get.step.tsx:3: Unexpected }",
        "code": "COMPONENT_NOT_BUNDLED",
        "details": {"file": "steps/get.step.tsx", "line": 3, "column": 7},
    }


def test_a_step_keeps_its_component_in_every_flow(tmp_path: Path) -> None:
    (tmp_path / "a.step.tsx").touch()
    both = [replace(step, flows=("x", "y")) for step in steps("a.step.ts")]
    assert components_of(tmp_path, both) == {"a.step.ts": "a.step.tsx"}
