"""Commands as a user types them: output, exit codes, and that nobody sees a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import motia_core.app
from motia_core import __version__
from motia_core.cli import main
from motia_core.cli.serving import external_groups
from motia_core.errors import AddressInUseError, DataDirError, StoreTooNewError
from motia_core.model.project import Problem, Project
from motia_core.settings import Settings
from tests.fakes.projects import a_project

BROKEN = Problem("error", "steps/bad.step.ts", "compile", "unexpected token", 7, remedy="fix it", stack="at bad")
API: dict[str, object] = {"type": "api", "name": "Get", "path": "/x/:id", "method": "GET"}


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, list(arguments), **options)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes `load_project` answer with a project."""

    root = tmp_path.resolve()

    def use(project: Project) -> str:
        async def load_project(settings: Settings, log: object) -> Project:
            assert settings.project == root
            return project

        monkeypatch.setattr(motia_core.app, "load_project", load_project)
        return str(tmp_path)

    return use


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes `serve` raise an error or return a code, and collects its settings."""
    settings: list[Settings] = []

    def use(end: Exception | int) -> list[Settings]:
        async def serve(given: Settings, console: Any) -> int:
            settings.append(given)
            console.record("info", "served")
            if isinstance(end, Exception):
                raise end
            return end

        monkeypatch.setattr(motia_core.app, "serve", serve)
        return settings

    return use


def test_version() -> None:
    assert run("version").output == f"motia-core {__version__}\n"
    assert json.loads(run("version", "--json").output)["version"] == __version__


def test_help_of_everything() -> None:
    for command in ([], ["serve"], ["routes"], ["check"], ["emit"], ["dlq"], ["dlq", "redrive"], ["version"]):
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.output


def test_help_imports_nothing_heavy() -> None:
    heavy = ("asyncio", "croniter", "grpc", "orjson", "quart", "sqlalchemy", "uvicorn", "uvloop", "dotenv")
    code = f"import sys, motia_core.cli; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


# --- check and routes


def test_check_of_a_good_project(loaded: Any) -> None:
    result = run("check", loaded(a_project({"steps/a.step.ts": API})))
    assert (result.exit_code, result.stdout) == (0, "loaded 1 step\n")


def test_check_of_a_broken_project(loaded: Any) -> None:
    result = run("check", loaded(a_project({"steps/a.step.ts": API}, problems=(BROKEN,))))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "  ✗ steps/bad.step.ts:7",
        "    unexpected token",
        "    → fix it",
        "",
        "loaded 1 of 2 steps (1 failed)",
    ]


def test_check_shows_stacks_when_asked(loaded: Any) -> None:
    project = loaded(a_project({}, problems=(BROKEN,)))
    assert "at bad" not in run("check", project).stdout
    assert "at bad" in run("check", project, "--verbose").stdout


def test_check_counts_warnings_when_strict(loaded: Any) -> None:
    project = loaded(a_project({"steps/a.step.ts": {**API, "zzz": 1}}))
    assert run("check", project).exit_code == 0
    assert run("check", project, "--strict").exit_code == 1


def test_check_as_json(loaded: Any) -> None:
    result = run("check", "--json", loaded(a_project({"steps/a.step.ts": API}, problems=(BROKEN,))))
    assert result.exit_code == 1
    content = json.loads(result.stdout)
    assert content["steps"] == {"total": 2, "loaded": 1}
    assert content["streams"] == {"total": 0, "loaded": 0}
    assert content["problems"][0]["file"] == "steps/bad.step.ts"


def test_routes(loaded: Any) -> None:
    result = run("routes", loaded(a_project({"steps/a.step.ts": API}, problems=(BROKEN,))))
    assert (result.exit_code, result.stdout) == (0, "  GET  /x/:id  Get  steps/a.step.ts\n")
    assert result.stderr == "1 file failed to load: run `motia-core check`\n"


def test_routes_as_json_and_of_nothing(loaded: Any) -> None:
    project = loaded(a_project({"steps/a.step.ts": API}))
    (route,) = json.loads(run("routes", project, "--json").stdout)
    assert (route["method"], route["path"], route["file"], route["line"]) == ("GET", "/x/:id", "steps/a.step.ts", 3)
    assert run("routes", loaded(Project())).stdout == "the project has no api steps\n"


# --- what is refused before anything starts


@pytest.mark.parametrize("command", ["serve", "check", "routes"])
def test_project_that_is_not_there(command: str, tmp_path: Path) -> None:
    result = run(command, str(tmp_path / "nothing"))
    assert result.exit_code == 2
    assert "nothing' does not exist or is not a folder" in result.stderr


@pytest.mark.parametrize("command", ["serve", "check", "routes"])
def test_wrong_setting(command: str, tmp_path: Path) -> None:
    (tmp_path / "motia.toml").write_text("[http]\nprot = 1\n")
    result = run(command, str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr == "error: motia.toml: http.prot is not a setting; did you mean http.port?\n"


@pytest.mark.parametrize(
    "arguments", [["serv"], ["serve", "--prot", "1"], ["serve", "--port", "x"], ["dlq", "show"], []]
)
def test_wrong_arguments(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


# --- serve


def test_serve_passes_flags_on_and_returns_the_code(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = served(0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "motia.toml").write_text("[http]\nport = 1\nhost = 'a'")
    code = serve("p", "--port", "0", "--host", "::1", "--data-dir", "here")
    assert code == 0
    assert (settings[0].http.port, settings[0].http.host) == (0, "::1")
    assert settings[0].data_dir == tmp_path / "here"
    served(1)
    assert serve("p") == 1


def serve(*arguments: str) -> int:
    """Run `serve` on the real streams: it writes to their file descriptors."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AddressInUseError("127.0.0.1:3000 is in use: choose another --port"), 4),
        (DataDirError("the data directory is in use"), 4),
        (StoreTooNewError("written by 9.9"), 4),
    ],
)
def test_serve_that_cannot_start(
    served: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    served(error)
    assert serve(str(tmp_path)) == code
    captured = capfd.readouterr()
    assert captured.err == f"error: {error}\n"
    assert "served" in captured.out


def test_fault_of_ours_has_no_traceback_but_with_debug(
    served: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served(ZeroDivisionError("oops"))
    assert serve(str(tmp_path)) == 1
    shown = capfd.readouterr().err
    assert shown.startswith("error: unexpected ZeroDivisionError: oops\n")
    assert "motia-core --debug" in shown
    assert "Traceback" not in shown
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "serve", str(tmp_path)])


def test_serve_writes_json_when_asked(served: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    served(0)
    serve(str(tmp_path), "--log-format", "json")
    assert json.loads(capfd.readouterr().out)["message"] == "served"


@pytest.mark.parametrize(
    ("written", "groups"),
    [("external", ["all"]), ("external=go, node", ["go", "node"]), ("launched", []), (None, None)],
)
def test_who_runs_the_sidecars(written: str | None, groups: list[str] | None) -> None:
    assert external_groups(written) == groups


@pytest.mark.parametrize("written", ["remote", "external=", "launched=go"])
def test_who_runs_the_sidecars_must_be_known(written: str, tmp_path: Path) -> None:
    result = run("serve", str(tmp_path), "--sidecars", written)
    assert result.exit_code == 2
    assert f"{written!r} is none: launched, external, or external=go,node" in result.output


def test_a_sidecar_needs_to_know_where_its_core_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTIA_SIDECAR_ADDRESS", raising=False)
    monkeypatch.delenv("MOTIA_SIDECAR_TOKEN", raising=False)
    nowhere = run("sidecar", "node", str(tmp_path))
    assert (nowhere.exit_code, nowhere.output.count("give --core")) == (2, 1)
    nobody = run("sidecar", "node", str(tmp_path), "--core", "a:1")
    assert (nobody.exit_code, nobody.output.count("give --token-file")) == (2, 1)
    token = tmp_path / "token"
    token.write_text("t")
    unknown = run("sidecar", "cobol", str(tmp_path), "--core", "a:1", "--token-file", str(token))
    assert unknown.exit_code == 2
    assert "there is no language group 'cobol'" in unknown.output
    missing = run("sidecar", "node", str(tmp_path), "--core", "a:1", "--token-file", str(tmp_path / "none"))
    assert (missing.exit_code, "cannot be read" in missing.output) == (2, True)
