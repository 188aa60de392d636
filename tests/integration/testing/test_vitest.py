"""`motia/testing` under vitest: kit.test.mjs, in a project of both languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.core import COMMAND
from tests.repo.repository import ROOT

SDK = ROOT / "sdk-node"
STEPS = {
    "1-greet.step.js": """
export const config = { type: 'api', name: 'Greet', method: 'POST', path: '/greet/:name', emits: [] }
export const handler = async (req) => ({
  status: 200,
  body: { name: req.pathParams.name, body: req.body, q: req.queryParams.q, a: req.headers['x-a'] },
})
""",
    "board.stream.js": "export const config = { name: 'board', schema: null, baseConfig: {} }\n",
    "welcome_step.py": """
import os

config = {"type": "event", "name": "Welcome", "subscribes": ["joined"], "emits": ["welcomed"]}


async def handler(data, ctx):
    name = data["name"]
    await ctx.state.set("people", name, {"welcomed": True})
    await ctx.streams.board.set("people", name, {"n": 1})
    ctx.logger.info("welcome", {"name": name})
    await ctx.emit({"topic": "welcomed", "data": {"name": name, "tax": os.environ["TAX"]}})
""",
    "z_count_step.py": """
config = {"type": "cron", "name": "Count", "cron": "0 9 * * *", "emits": ["counted"]}


async def handler(ctx):
    await ctx.emit({"topic": "counted"})
""",
}


@pytest.mark.timeout(180)  # it starts five cores
def test_tests_in_javascript(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    for name, text in STEPS.items():
        (tmp_path / "steps" / name).write_text(text)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    modules = tmp_path / "node_modules"
    modules.mkdir()
    (modules / "motia").symlink_to(SDK)
    (modules / "vitest").symlink_to(SDK / "node_modules" / "vitest")
    shutil.copy(Path(__file__).parent / "kit.test.mjs", tmp_path)
    command = ["node", "node_modules/vitest/vitest.mjs", "run", "--testTimeout=40000", "--hookTimeout=40000"]
    env = {**os.environ, "MOTIA_CORE": COMMAND, "NO_COLOR": "1", "CI": "1"}
    result = subprocess.run(command, cwd=tmp_path, env=env, check=False, capture_output=True, text=True, timeout=150)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"Tests +17 passed", result.stdout), result.stdout
