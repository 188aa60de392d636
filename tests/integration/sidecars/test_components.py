"""Node components are bundled for the browser by the Node SDK's esbuild."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from motia_core.errors import ComponentError, SidecarStartError
from motia_core.model.tab import Tab
from motia_core.settings import Settings
from motia_core.sidecars.components import ComponentBundler

FILE = "steps/greet.step.tsx"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "steps").mkdir()
    (tmp_path / FILE).write_text(
        "import React from 'react'\n"
        "import { EventNode, type EventNodeProps } from 'motia/workbench'\n"
        "import { word } from './word'\n"
        "import './greet.css'\n"
        "export const Node: React.FC<EventNodeProps> = (props) => <EventNode {...props}><b>{word}</b></EventNode>\n"
    )
    (tmp_path / "steps" / "word.ts").write_text("export const word: string = 'hello'\n")
    (tmp_path / "steps" / "greet.css").write_text(".greeting { color: teal }\n")
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {"jsx": "preserve"}}')
    return tmp_path


class Counting(ComponentBundler):
    """Counts how often it bundles."""

    runs = 0

    async def _run(self, file: str, *more: str) -> dict[str, object]:
        self.runs += 1
        return await super()._run(file, *more)


def bundled(project: Path, file: str = FILE, **options: float) -> str:
    return asyncio.run(ComponentBundler(Settings(project=project), **options).bundle(file))


def test_a_bundle_is_an_es_module_that_shares_what_the_workbench_has(project: Path) -> None:
    code = bundled(project)
    assert "export {\n  Node\n}" in code
    assert 'globalThis.__motia_workbench["react/jsx-runtime"]' in code
    assert 'globalThis.__motia_workbench["motia/workbench"]' in code
    assert '"hello"' in code, "local imports are in it"
    assert ".greeting" in code, "so are style sheets"


def test_what_is_bundled_is_kept_until_one_of_its_files_changes(project: Path) -> None:
    async def run() -> None:
        bundler = Counting(Settings(project=project))
        first = await bundler.bundle(FILE)
        assert await bundler.bundle(FILE) == first
        assert bundler.runs == 1
        (project / "steps" / "word.ts").write_text("export const word = 'good morning'\n")
        assert "good morning" in await bundler.bundle(FILE)
        (project / "steps" / "word.ts").unlink()
        with pytest.raises(ComponentError):
            await bundler.bundle(FILE)
        (project / "steps" / "word.ts").write_text("export const word = 'again'\n")
        assert "again" in await bundler.bundle(FILE)
        assert bundler.runs == 4

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("export const Node = () => <div>\n", "Unexpected end of file", 2),
        (
            "\nimport { Sun } from 'icons-of-nobody'\nexport const Node = Sun\n",
            '"icons-of-nobody": is icons-of-nobody',
            2,
        ),
        ("import fs from 'node:fs'\nexport const Node = () => fs.readdirSync('/')\n", 'Could not resolve "node:fs"', 1),
        ("import { x } from './missing'\nexport const Node = x\n", 'Could not resolve "./missing"', 1),
    ],
)
def test_what_is_wrong_is_said_with_its_place(project: Path, text: str, message: str, line: int) -> None:
    (project / FILE).write_text(text)
    with pytest.raises(ComponentError) as caught:
        bundled(project)
    assert caught.value.message.startswith(f"{FILE}:{line}: ")
    assert message in caught.value.message
    assert (caught.value.details["file"], caught.value.details["line"]) == (FILE, line)


def test_bundling_ends_when_its_time_is_over(project: Path) -> None:
    with pytest.raises(ComponentError, match="was not bundled within 0"):
        bundled(project, limit_s=0.001)


def test_a_missing_node_is_said(project: Path) -> None:
    settings = Settings(project=project)
    settings = replace(settings, sidecars=replace(settings.sidecars, node=project / "no-node"))
    with pytest.raises(SidecarStartError, match="no-node"):
        asyncio.run(ComponentBundler(settings).bundle(FILE))


CONFIG = """
console.log('printed by a config')
setInterval(() => {}, 1000)
const board = () => ({ workbench: [{ packageName: '~/plugins/board', componentName: 'Board', label: 'Board',
  position: 'bottom', cssImports: ['~/plugins/board/board.css'], props: { columns: 3 } }, { label: 'none' }] })
export default { plugins: [board] }
"""
BOARD = """
import { readFileSync } from 'node:fs'
import EventEmitter from 'events'
import { Button } from '@motiadev/ui'
import { useState } from 'react'
export const size = (file) => readFileSync(file).length + new EventEmitter().listenerCount('x')
export function Board({ columns }) {
  const [open] = useState(true)
  return <Button className="board">{open ? columns : size('x')}</Button>
}
"""


@pytest.fixture
def with_tab(project: Path) -> Path:
    (project / "plugins" / "board").mkdir(parents=True)
    (project / "plugins" / "board" / "index.tsx").write_text(BOARD)
    (project / "plugins" / "board" / "board.css").write_text(".board { color: olive }")
    (project / "motia.config.ts").write_text(CONFIG)
    return project


def test_tabs_of_plugins_are_listed_and_bundled_without_what_is_of_node(with_tab: Path) -> None:
    async def run() -> None:
        bundler = Counting(Settings(project=with_tab))
        [tab] = await bundler.tabs("motia.config.ts")
        assert tab == Tab("~/plugins/board", "Board", "Board", "bottom", ("~/plugins/board/board.css",), {"columns": 3})
        code = await bundler.bundle_tab(tab)
        assert "Board as default" in code
        assert 'globalThis.__motia_workbench["@motiadev/ui"]' in code
        assert "color: olive" in code
        assert await bundler.bundle_tab(tab) == code
        assert bundler.runs == 1
        (with_tab / "plugins" / "board" / "index.tsx").write_text(BOARD.replace("open ?", "!open ?"))
        assert await bundler.bundle_tab(tab) != code
        with pytest.raises(ComponentError, match=r'No matching export in "plugins/board/index.tsx" for import "Bord"'):
            await bundler.bundle_tab(replace(tab, component="Bord"))
        with pytest.raises(ComponentError, match="is motia-plugin-none installed"):
            await bundler.bundle_tab(Tab("motia-plugin-none", "None"))

    asyncio.run(run())


def test_a_config_that_cannot_be_asked_for_tabs_says_why(with_tab: Path) -> None:
    (with_tab / "motia.config.ts").write_text("throw new Error('no key')")
    with pytest.raises(ComponentError, match="no key"):
        asyncio.run(ComponentBundler(Settings(project=with_tab)).tabs("motia.config.ts"))
