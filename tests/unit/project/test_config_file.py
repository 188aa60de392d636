"""motia.config is found, and its hook recognised without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.project.config_file import ConfigFile, find_configs


@pytest.mark.parametrize(
    ("text", "has_hook", "has_plugins"),
    [
        ("export default { app: (app) => {} }", True, False),
        ("export default { plugins: [], app(express) { express.use(x) } }", True, True),
        ("export default { async app (express) {} }", True, False),
        ("import { app } from './app'; export default { app }", True, False),
        ("export default { plugins, app, }", True, True),
        ("module.exports = { 'app': (a) => {} }", True, False),
        ("config.app = (a) => {}", True, False),
        ("const u = 'http://x'; export default { app: f }", True, False),
        ("export default { plugins: [(motia) => motia.registerApi(route, answer)] }", True, True),
        ("import board from './plugins/board'; export default { plugins: [board] }", True, True),
        ("export default { plugins: [require('../plugins/board')] }", True, True),
        ("import logs from '@motiadev/plugin-logs/plugin'; export default { plugins: [logs] }", False, True),
        ("import redis from './redis'; export default { redis }", False, False),
        ("export default { plugins: [apple, myapp(), wrapper.app] }", False, True),
        ("export default { plugins: [] } // app: (app) => {}", False, True),
        ("/* app: (app) => {}\n*/ export default { plugins: [] }", False, True),
        ("if (config.app === undefined) {}", False, False),
        ("", False, False),
    ],
)
def test_hook_is_recognised_by_the_text(text: str, has_hook: bool, has_plugins: bool, tmp_path: Path) -> None:
    (tmp_path / "motia.config.ts").write_text(text)
    found = ConfigFile("motia.config.ts", has_hook, False, may_have_plugins=has_plugins)
    assert find_configs(tmp_path) == {"node": found}


def test_typescript_comes_before_javascript_and_folders_do_not_count(tmp_path: Path) -> None:
    assert find_configs(tmp_path) == {}
    (tmp_path / "motia.config.js").write_bytes(b"\xff app: 1")
    assert find_configs(tmp_path) == {"node": ConfigFile("motia.config.js", True, False)}
    (tmp_path / "motia.config.ts").mkdir()
    assert find_configs(tmp_path) == {"node": ConfigFile("motia.config.js", True, False)}
    (tmp_path / "motia.config.ts").rmdir()
    (tmp_path / "motia.config.ts").touch()
    assert find_configs(tmp_path) == {"node": ConfigFile("motia.config.ts", False, False)}


def test_python_has_a_config_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "motia.config.py").write_text('config = {"middleware": [check], "app": 1}')
    (tmp_path / "motia.config.ts").write_text("export default { middleware: [check] }")
    assert find_configs(tmp_path) == {
        "node": ConfigFile("motia.config.ts", False, True),
        "python": ConfigFile("motia.config.py", False, True),
    }


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("motia.config.ts", "export default { streamAuth: { authenticate } }", True),
        ("motia.config.ts", "export default { app }", False),
        ("motia.config.py", "def stream_auth(request): ...", True),
        ("motia.config.py", "middleware = []", False),
    ],
)
def test_a_config_that_names_stream_auth_may_have_it(tmp_path: Path, name: str, text: str, expected: bool) -> None:
    (tmp_path / name).write_text(text)
    [found] = find_configs(tmp_path).values()
    assert found.may_have_stream_auth is expected
