"""`motia-core doctor`: what is found in a project, and how it is said."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from motia_core.model.project import Problem, Project
from motia_core.project.differences import differences
from motia_core.project.sources import Source, read_sources
from motia_core.project.variables import Missing, missing_variables
from tests.fakes.projects import a_project
from tests.unit.cli.test_commands import API, run
from tests.unit.cli.test_commands import loaded as loaded  # a fixture


def source(text: str, path: str = "steps/a.step.ts") -> Source:
    return Source(path, text)


def missing(*sources: Source, example: str = "", **environment: str) -> list[Missing]:
    return missing_variables(sources, environment, example)


def found(loaded: Any, project: Project, **files: str) -> tuple[int, list[dict[str, Any]]]:
    folder = Path(loaded(project))
    for name, text in files.items():
        (folder / name).write_text(text)
    result = run("doctor", str(folder), "--json")
    return result.exit_code, json.loads(result.stdout)


def test_missing_packages_are_grouped_with_what_they_block(loaded: Any) -> None:
    def lacks(file: str) -> Problem:
        return Problem(
            "error", file, "resolve", "Cannot find module 'openai'", remedy="install it", missing_module="openai"
        )

    project = a_project({"steps/a.step.ts": API})
    project = Project(project.steps, (), (lacks("steps/b.step.ts"), lacks("steps/c.step.ts")), project.files)
    code, findings = found(loaded, project)
    (package,) = (one for one in findings if one["section"] == "packages")
    assert code == 1
    assert package["what"] == "openai is missing: 2 files cannot be loaded"
    assert (package["places"], package["remedy"]) == (["steps/b.step.ts", "steps/c.step.ts"], "install it")


def test_warnings_alone_are_no_failure(loaded: Any) -> None:
    project = a_project({"steps/a.step.ts": API})
    warning = Problem("warning", "motia.config.ts", "config", "plugins does nothing: it is built in")
    code, findings = found(loaded, Project(project.steps, (), (warning,), project.files))
    assert code == 0
    (different,) = (one for one in findings if one["level"] == "differs")
    assert "plugins does nothing" in different["what"]


def test_packages_and_command_of_motia_itself_are_named(loaded: Any, tmp_path: Path) -> None:
    command = tmp_path / "node_modules" / ".bin" / "motia"
    command.parent.mkdir(parents=True)
    command.write_text("theirs")
    package = {"dependencies": {"motia": "1", "zod": "4"}, "devDependencies": {"@motiadev/core": "1"}}
    scripts = {"deploy": "motia cloud deploy"}
    _, findings = found(
        loaded, a_project({"steps/a.step.ts": API}), **{"package.json": json.dumps({**package, "scripts": scripts})}
    )
    said = [one["what"] for one in findings if one["section"] == "packages" and one["level"] != "ok"]
    assert said[0].startswith("@motiadev/core, motia in package.json")
    assert "run the npm package, not motia-core" in said[1]
    assert "`motia cloud deploy`, which is not there" in said[2]


def test_port_in_use_is_a_warning(loaded: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, findings = found(
            loaded, a_project({"steps/a.step.ts": API}), **{"motia.toml": f"[http]\nport = {port}\n"}
        )
    (machine,) = (one for one in findings if f"port {port}" in one["what"])
    assert (code, machine["level"]) == (0, "warning")


def test_data_directory_that_cannot_be_made_is_an_error(loaded: Any) -> None:
    code, findings = found(
        loaded, a_project({"steps/a.step.ts": API}), **{"motia.toml": 'data_dir = "file/data"\n', "file": ""}
    )
    assert code == 1
    assert any("cannot be written" in one["what"] for one in findings if one["level"] == "error")


def test_text_ends_with_a_summary(loaded: Any) -> None:
    result = run("doctor", loaded(a_project({"steps/a.step.ts": API})))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("everything works")
    assert "✓ 1 of 1 steps are loaded" in result.stdout


@pytest.mark.parametrize(
    ("text", "path", "at_import"),
    [
        ("const key = process.env.API_KEY\n", "steps/a.step.ts", True),
        ("if (!process.env['API_KEY']) throw new Error()\n", "lib/env.js", True),
        ("const handler = async () => {\n  use(process.env.API_KEY)\n}\n", "steps/a.step.ts", False),
        ('import os\nKEY = os.environ["API_KEY"]\n', "steps/a_step.py", True),
        ('import os\nKEY = os.environ.get("API_KEY")\n', "steps/a_step.py", True),
        ('import os\n\n\nasync def handler():\n    return os.getenv("API_KEY")\n', "steps/a_step.py", False),
    ],
)
def test_variables_that_are_read_and_not_set_are_found(text: str, path: str, at_import: bool) -> None:
    (one,) = missing(source(text, path), example="API_KEY=\n")
    assert (one.name, one.at_import, one.is_declared) == ("API_KEY", at_import, True)
    assert missing(source(text, path), API_KEY="x") == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("const key = process.env.API_KEY ?? 'none'\n", "a.ts"),
        ("const key = process.env.API_KEY || 'none'\n", "a.ts"),
        ("// process.env.API_KEY\n", "a.ts"),
        ("if (process.env.NODE_ENV) {}\n", "a.ts"),
        ('KEY = os.environ.get("API_KEY", "none")\n', "a.py"),
        ('os.environ["API_KEY"] = "x"\n', "a.py"),
        ("not python at all (\n", "a.py"),
    ],
)
def test_what_has_a_default_or_is_set_is_not_missing(text: str, path: str) -> None:
    assert missing(source(text, path)) == []


def test_what_is_needed_while_loading_comes_first() -> None:
    later = source("const f = () => {\n  process.env.A_LATER\n}\nconst b = process.env.B_NOW\n")
    assert [one.name for one in missing(later)] == ["B_NOW", "A_LATER"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("await emit({ topic: 'a', messageGroupId: 'x' })", "messageGroupId"),
        ("const seen = new Map()\n", "variable of its module"),
        ("use(req.rawBody)", "rawBody"),
        ("return { workbench: [{ packageName: '~/x' }] }", "tab of the Workbench"),
        ("import { createMotiaTester } from '@motiadev/test'", "test helpers"),
        ("import { RedisStateAdapter } from '@motiadev/adapter-redis-state'", "Redis"),
        ("initIII({ enabled: true })\n", "does nothing"),
        ("const iii = getInstance()\n", "engine of Motia 1.0"),
        ("export const otel = { enabled: true }\n", "is not read"),
    ],
)
def test_what_is_different_is_found_with_its_line(text: str, said: str) -> None:
    (difference,) = differences([source(f"\n{text}")])
    assert said in difference.what
    assert difference.places == ("steps/a.step.ts:2",)
    assert difference.remedy


def test_module_memory_of_helpers_is_not_named() -> None:
    assert differences([source("const cache = new Map()\n", "lib/cache.ts")]) == []


def test_sources_are_the_projects_own(tmp_path: Path) -> None:
    wanted = ["lib/a.ts", "motia.config.ts", "steps/b_step.py"]
    unwanted = ["node_modules/x/i.js", ".motia/compiled/a.js", "dist/a.js", "types.d.ts", "env/lib/x.py", "a.txt"]
    for name in (*wanted, *unwanted, "env/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(one.path for one in read_sources(tmp_path)) == wanted
