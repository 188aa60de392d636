"""A project in both languages, and what is started for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.remote.elsewhere import Core, Sidecar, opened

PYTHON = """
import asyncio, os

config = {"type": "api", "name": "py", "method": "GET", "path": "/py", "emits": []}

async def handler(request, context):
    context.logger.info("answers")
    await asyncio.sleep(float(request["queryParams"].get("s", 0)))
    return {"status": 200, "body": {"pid": os.getpid()}}
"""
NODE = """
export const config = { type: 'api', name: 'js', method: 'GET', path: '/js', emits: [] }

export const handler = async (request, context) => {
  context.logger.info('answers')
  await new Promise((resolve) => setTimeout(resolve, 1000 * Number(request.queryParams.s ?? 0)))
  return { status: 200, body: { pid: process.pid } }
}
"""
RUBY = """
config = { type: 'api', name: 'rb', method: 'GET', path: '/rb', emits: [] }

def handler(request, context)
  context.logger.info('answers')
  sleep(request.query_params.s.to_f)
  { status: 200, body: { pid: Process.pid } }
end
"""
EMITTING = """
config = {"type": "api", "name": "begin", "method": "POST", "path": "/begin", "emits": ["begun"]}

async def handler(request, context):
    await context.emit({"topic": "begun", "data": {}})
    return {"status": 202, "body": {}}
"""
WORKING = """
import asyncio, os, pathlib

config = {"type": "event", "name": "work", "subscribes": ["begun"], "emits": []}

async def handler(data, context):
    context.logger.info("begins", {"pid": os.getpid()})
    while not pathlib.Path("go").exists():
        await asyncio.sleep(0.02)
    context.logger.info("is done", {"pid": os.getpid()})
"""


class Site:
    """Where one test has its core and its sidecars."""

    def __init__(self, folder: Path, remember: Any) -> None:
        self.folder = folder
        self.project = folder / "project"
        self._remember = remember

    def write(self, **files: str) -> None:
        """Steps, by the name of their file, whose last underline stands for the dot."""
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            path = self.project / "steps" / f"{stem}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def core(self, **settings: str) -> Core:
        """Start a core for the project."""
        core: Core = self._remember(Core(self.project, self.folder / "data", settings))
        return core

    def sidecar(self, language: str, at: Core | str, folder: Path | None = None, **env: str) -> Sidecar:
        """Start a sidecar for a core, or for one that will be at an address."""
        address = at if isinstance(at, str) else at.address
        sidecar: Sidecar = self._remember(Sidecar(language, folder or self.project, address, env))
        return sidecar

    def remember(self, thing: Any) -> Any:
        """Have something closed at the end."""
        return self._remember(thing)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened() as remember:
        yield Site(tmp_path, remember)
