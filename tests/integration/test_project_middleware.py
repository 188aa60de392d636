"""Middleware of the project's configs runs around every api step of its language, and no step is served without it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import COMMAND, RunningCore, running_core

TS_CONFIG = """
import { defineConfig } from 'motia'

const mark = (name: string) => async (req: any, ctx: any, next: any) => {
  if (req.headers['x-refuse'] === name) return { status: 401, body: { by: name } }
  req.seen = [...(req.seen ?? []), name]
  return next()
}

export default defineConfig({ middleware: [mark('all')], flows: { orders: { middleware: [mark('orders')] } } })
"""
PY_CONFIG = """
def mark(name):
    async def run(req, ctx, next_fn):
        if req["headers"].get("x-refuse") == name:
            return {"status": 401, "body": {"by": name}}
        req["seen"] = [*req.get("seen", []), name]
        return await next_fn()

    return run


config = {"middleware": [mark("all")], "flows": {"orders": {"middleware": [mark("orders")]}}}
"""
TS_STEP = """
const own = async (req: any, ctx: any, next: any) => { req.seen = [...req.seen, 'own']; return next() }
export const config = {
  type: 'api', name: 'NAME', method: 'GET', path: '/ts/NAME', emits: [], flows: [FLOWS], middleware: [own],
}
export const handler = async (req: any) => ({ status: 200, body: req.seen })
"""
PY_STEP = """
async def own(req, ctx, next_fn):
    req["seen"] = [*req["seen"], "own"]
    return await next_fn()

config = {
    "type": "api", "name": "py NAME", "method": "GET", "path": "/py/NAME", "emits": [], "flows": [FLOWS],
    "middleware": [own],
}

async def handler(req, ctx):
    return {"status": 200, "body": req["seen"]}
"""


def write(project: Path, **files: str) -> Path:
    for name, flows in (("plain", ""), ("order", "'other', 'orders'")):
        for template, path in ((TS_STEP, f"steps/{name}.step.ts"), (PY_STEP, f"steps/{name}_step.py")):
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(template.replace("NAME", name).replace("FLOWS", flows))
    for path, text in files.items():
        (project / path.replace("__", ".")).write_text(text)
    return project


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    project = write(tmp_path_factory.mktemp("guarded"), motia__config__ts=TS_CONFIG, motia__config__py=PY_CONFIG)
    with running_core(project, tmp_path_factory.mktemp("data"), {}) as running:
        yield running


@pytest.mark.parametrize("language", ["ts", "py"])
def test_the_project_comes_before_the_flow_and_the_flow_before_the_step(core: RunningCore, language: str) -> None:
    assert httpx.get(f"{core.url}/{language}/plain").json() == ["all", "own"]
    assert httpx.get(f"{core.url}/{language}/order").json() == ["all", "orders", "own"]


@pytest.mark.parametrize("language", ["ts", "py"])
@pytest.mark.parametrize(
    ("step", "by", "status"), [("plain", "all", 401), ("plain", "orders", 200), ("order", "orders", 401)]
)
def test_what_it_answers_counts(core: RunningCore, language: str, step: str, by: str, status: int) -> None:
    answer = httpx.get(f"{core.url}/{language}/{step}", headers={"x-refuse": by})
    assert answer.status_code == status


def problems(project: Path) -> list[dict[str, Any]]:
    checked = subprocess.run([COMMAND, "check", project, "--json"], check=False, capture_output=True, timeout=60)
    found: list[dict[str, Any]] = json.loads(checked.stdout)["problems"]
    return found


def test_steps_that_it_does_not_reach_are_said(tmp_path: Path) -> None:
    (problem,) = problems(write(tmp_path, motia__config__ts=TS_CONFIG))
    assert problem["file"] == "motia.config.ts"
    assert (
        problem["cause"]
        == "the middleware of motia.config.ts does not run for python steps such as steps/order_step.py"
    )
    assert problem["remedy"] == "give motia.config.py the same middleware"


@pytest.mark.parametrize(
    ("config", "cause"),
    [
        ({"motia__config__ts": "import 'nowhere'\nexport default { middleware: [] }"}, "nowhere"),
        ({"motia__config__ts": "export default { middleware: [1] }"}, "middleware must be a list of functions"),
        ({"motia__config__ts": "export default { flows: { orders: { middleware: 1 } } }"}, "flows.orders.middleware"),
        ({"motia__config__ts": "process.exit(1) // middleware"}, "exit"),
        ({"motia__config__py": "import nowhere  # middleware"}, "nowhere"),
        ({"motia__config__py": "import os; os._exit(3)  # middleware"}, "exit"),
        ({"motia__config__py": "config = {'middleware': [1]}"}, "must be a list of functions"),
        ({"motia__config__py": "config = {'flows': ['middleware']}"}, "must be a dict"),
    ],
)
def test_without_it_no_step_of_its_language_is_served(tmp_path: Path, config: dict[str, str], cause: str) -> None:
    project = write(tmp_path / "project", **config)
    name = next(iter(config)).replace("__", ".")
    guarded, other = ("ts", "py") if name.endswith("ts") else ("py", "ts")
    with running_core(project, tmp_path / "data", {}) as core:
        assert httpx.get(f"{core.url}/{guarded}/plain").status_code == 404
        assert httpx.get(f"{core.url}/{other}/plain").status_code == 500  # without the project's, its own fails
        lines = "\n".join(core.log_lines())
        assert cause in lines
        assert f"is not served: {name}, whose middleware may guard it, could not be loaded" in lines
