"""`motia-core config`: values, places, secrets; and suggestions for what is written wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from motia_core.settings_load import known
from tests.unit.cli.test_commands import run

TOML = """# settings
drain_grace_ms = "10s"
store.max_dead_letters = 5

[http]
port = 8080
admin_token = "hush"

[sidecars]
processes = { node = 2 }

[otlp]
headers = { authorization = "Bearer hush" }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "motia.toml").write_text(TOML)
    (tmp_path / ".env").write_text("A=1\nexport MOTIA_QUEUE_MAX_RETRIES=7\nMOTIA_STORE_URL=postgresql://u:hush@h/db\n")
    monkeypatch.setenv("MOTIA_TRACING_MAX_BYTES", "2MiB")
    return tmp_path


def test_every_setting_is_shown_with_where_it_comes_from(project: Path) -> None:
    result = run("config", str(project), "--host", "0.0.0.0")
    assert result.exit_code == 0, result.output
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()}
    assert list(rows) == list(known())
    assert rows["drain_grace_ms"] == "10s motia.toml:2"
    assert rows["store.max_dead_letters"] == "5 motia.toml:3"
    assert rows["http.port"] == "8080 motia.toml:6"
    assert rows["http.host"] == "0.0.0.0 command line"
    assert rows["sidecars.processes"] == "node=2 motia.toml:10"
    assert rows["queue.max_retries"] == "7 .env:2: MOTIA_QUEUE_MAX_RETRIES"
    assert rows["tracing.max_bytes"] == "2MiB environment: MOTIA_TRACING_MAX_BYTES"
    assert rows["http.keep_alive_ms"] == "65s default"
    assert rows["store.durability"] == "full default"


@pytest.mark.parametrize("flags", [[], ["--json"], ["--changed"]])
def test_secrets_are_never_shown(project: Path, flags: list[str]) -> None:
    result = run("config", str(project), *flags)
    assert result.exit_code == 0
    assert "hush" not in result.output
    for name in ("http.admin_token", "store.url", "otlp.headers"):
        assert name in result.output


def test_secrets_that_are_not_there_are_unset(tmp_path: Path) -> None:
    found = json.loads(run("config", str(tmp_path), "--json").stdout)
    assert {found[name]["value"] for name in ("http.admin_token", "store.url", "otlp.headers")} == {"unset"}


def test_json_has_value_variable_and_place(project: Path) -> None:
    found = json.loads(run("config", str(project), "--json", "--changed").stdout)
    assert found["http.port"] == {
        "value": 8080,
        "from": "motia.toml:6",
        "variable": "MOTIA_HTTP_PORT",
        "file": "motia.toml",
        "line": 6,
    }
    assert found["sidecars.processes"]["value"] == {"node": 2}
    assert "http.host" not in found


def test_project_without_settings_has_defaults_only(tmp_path: Path) -> None:
    assert run("config", str(tmp_path), "--changed").stdout == "every setting has its default\n"


@pytest.mark.parametrize(
    ("toml", "env", "arguments", "said"),
    [
        ("[http]\nprot = 1\n", {}, (), "did you mean http.port?"),
        ("[htp]\nport = 1\n", {}, (), "did you mean http?"),
        ("", {"MOTIA_HTTP_PROT": "1"}, (), "did you mean MOTIA_HTTP_PORT?"),
        ("", {}, ("--prot", "1"), "--port"),
    ],
)
def test_what_is_written_wrong_is_refused_with_a_suggestion(
    toml: str,
    env: dict[str, str],
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "motia.toml").write_text(toml)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    result = run("config", str(tmp_path), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(("written", "meant"), [("srve", "serve"), ("chekc", "check"), ("instal", "install")])
def test_command_that_is_written_wrong_is_refused_with_a_suggestion(written: str, meant: str) -> None:
    result = run(written)
    assert result.exit_code == 2
    assert f"did you mean {meant}?" in result.stderr.lower().replace("'", "")
