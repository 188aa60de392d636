"""Settings from file, environment and flags."""

from __future__ import annotations

import re
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import pytest

from motia_core.errors import ProjectNotFoundError, SettingsError
from motia_core.settings import MIB, Settings
from motia_core.settings_load import known, load_settings

EXTERNAL = "[sidecars]\nexternal = ['all']\nlisten = 'localhost:7'\n"


def load(root: Path, toml: str = "", env: dict[str, str] | None = None, **flags: object) -> Settings:
    if toml:
        (root / "motia.toml").write_text(toml)
    return load_settings(root, env or {}, {name.replace("__", "."): value for name, value in flags.items()})


def refused(root: Path, toml: str = "", env: dict[str, str] | None = None, **flags: object) -> str:
    with pytest.raises(SettingsError) as raised:
        load(root, toml, env, **flags)
    return raised.value.message


def test_defaults_are_those_of_the_code(tmp_path: Path) -> None:
    assert load(tmp_path) == replace(Settings(), project=tmp_path.resolve())


def test_flags_win_over_variables_and_variables_over_the_file(tmp_path: Path) -> None:
    toml = '[http]\nhost = "a"\nport = 1\nhttp2 = true\n'
    settings = load(tmp_path, toml, {"MOTIA_HTTP_HOST": "b", "MOTIA_HTTP_PORT": "2"}, http__port=3, http__host=None)
    assert (settings.http.host, settings.http.port, settings.http.http2) == ("b", 3, True)


def test_every_setting_can_be_set_by_variable(tmp_path: Path) -> None:
    values = {bool: "no", int: "7777"}
    special = {
        "http.server": "hypercorn",
        "http.max_connections": "77",
        "http.static": "/assets=public, /=dist",
        "http.cors.allow_origins": "https://a.example, http://localhost:*",
        "http.compression.encodings": "br,gzip",
        "http.compression.types": "text/*, application/json",
        "queue.retry_jitter_percent": "77",
        "reload": "true",
        "store.durability": "fast",
        "tracing.record": "off",
        "tracing.max_bytes": "7MiB",
        "otlp.endpoint": "https://collector.example/otlp",
        "otlp.protocol": "grpc",
        "otlp.signals": "logs",
        "otlp.headers": "authorization=Bearer a=b, x=1",
        "otlp.resource": "team=shop",
        "otlp.sample_percent": "7",
        "queue.backoff": "exponential",
        "validation.mode": "strict",
        "validation.responses": "off",
        "sidecars.processes": "node=2, python=3",
        "sidecars.listen": "[::1]:9",
        "sidecars.token": "a text of some length",
        "sidecars.allow_insecure_tcp": "true",
    }
    env = {s.env: special.get(s.name) or values.get(type(s.default), "text") for s in known().values()}
    apart = {"MOTIA_RELOAD", "MOTIA_SIDECARS_TOKEN"}  # they do not go with others
    settings = load(tmp_path, "", {name: value for name, value in env.items() if name not in apart})
    others = load(tmp_path, "", {name: value for name, value in env.items() if name in apart})
    for setting in known().values():
        changed = attrgetter(setting.name)(others if setting.env in apart else settings)
        assert changed != setting.default or setting.name == "http.http2", setting.name
    assert settings.sidecars.processes == {"node": 2, "python": 3}
    assert settings.otlp.headers == {"authorization": "Bearer a=b", "x": "1"}


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ('"30s"', 30_000),
        ('"5m"', 300_000),
        ("1500", 1_500),
        ('"1.5s"', 1_500),
        ('"250 ms"', 250),
        ('"2h"', 7_200_000),
        ("0", 0),
    ],
)
def test_durations(tmp_path: Path, written: str, milliseconds: int) -> None:
    assert load(tmp_path, f"drain_grace_ms = {written}").drain_grace_ms == milliseconds


@pytest.mark.parametrize(
    ("written", "size"),
    [('"10MiB"', 10 * MIB), ('"1 mb"', 1_000_000), ("4096", 4096), ('"512b"', 512), ('"0.5KiB"', 512)],
)
def test_sizes(tmp_path: Path, written: str, size: int) -> None:
    assert load(tmp_path, f"[http]\nmax_body_bytes = {written}").http.max_body_bytes == size


def test_paths_are_relative_to_the_project(tmp_path: Path) -> None:
    toml = 'data_dir = "data"\n[http]\ntls_cert = "/c.pem"\ntls_key = "~/k.pem"\n'
    toml += '[sidecars]\nnode = "node22"\npython = "v/bin/python"'
    settings = load(tmp_path, toml)
    assert settings.data_dir == tmp_path.resolve() / "data"
    assert settings.http.tls_cert == Path("/c.pem")
    assert settings.http.tls_key == Path("~/k.pem").expanduser()
    assert settings.sidecars.node == Path("node22")
    assert settings.sidecars.python == tmp_path.resolve() / "v/bin/python"


def test_tables_in_tables(tmp_path: Path) -> None:
    toml = """
    [http]
    port = 1
    static = { "/assets" = "public", "/" = "/srv/www" }
    [http.cors]
    allow_origins = ["https://app.example.com", "https://*.example.com"]
    max_age_ms = "1h"
    [http.compression]
    encodings = ["zstd", "gzip"]
    """
    http = load(tmp_path, toml, {"MOTIA_HTTP_CORS_EXPOSE_HEADERS": "x-a, x-b"}).http
    assert http.static == {"/assets": tmp_path.resolve() / "public", "/": Path("/srv/www")}
    assert http.cors.allow_origins == ("https://app.example.com", "https://*.example.com")
    assert (http.cors.max_age_ms, http.cors.expose_headers) == (3_600_000, ("x-a", "x-b"))
    assert (http.compression.encodings, http.port) == (("zstd", "gzip"), 1)


@pytest.mark.parametrize("off", ['"off"', "[]"])
def test_list_can_be_off(tmp_path: Path, off: str) -> None:
    assert load(tmp_path, f"[http.cors]\nallow_origins = {off}").http.cors.allow_origins == ()


def test_processes_as_a_table(tmp_path: Path) -> None:
    assert load(tmp_path, "[sidecars.processes]\nnode = 4").sidecars.processes == {"node": 4}


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[http]\nprot = 1", "motia.toml: http.prot is not a setting; did you mean http.port?"),
        ("[htpp]\nport = 1", "motia.toml: htpp is not a setting; did you mean http?"),
        ("port = 1", "motia.toml: port is not a setting; did you mean http.port?"),
        ("zzz = 1", "motia.toml: zzz is not a setting; docs/configuration.md has all of them"),
        ("project = '/x'", "motia.toml: project is not a setting"),
        ("http = 1", "motia.toml: http must be a table, found the number 1; write [http]"),
        ('[http]\nport = "x"', 'motia.toml: http.port must be a whole number from 0 to 65535, found the string "x"'),
        ("[http]\nport = 70000", "http.port must be a whole number from 0 to 65535, found the number 70000"),
        ("[http]\nport = true", "found true"),
        ("[http]\nport = 1.5", "found the number 1.5"),
        ("[http]\nhost = 1", "http.host must be a string, found the number 1"),
        ('[http]\nhost = ""', "http.host must be a string"),
        ('[http]\nhttp2 = "maybe"', "http.http2 must be true or false"),
        ('[http]\nserver = "uvcorn"', "one of auto, uvicorn, hypercorn (did you mean uvicorn?)"),
        ('[http]\nmax_body_bytes = "10XB"', 'a size such as "10MiB" or a number of bytes'),
        ('drain_grace_ms = "soon"', 'a duration such as "30s", "5m" or a number of milliseconds'),
        ("drain_grace_ms = -1", "of at least 0, found the number -1"),
        ("[queue]\nconcurrency = 0", "of at least 1"),
        ('[http]\ntls_cert = "c.pem"', "http.tls_cert is set and http.tls_key is not"),
        ('[sidecars]\ntls_key = "k.pem"', "sidecars.tls_key is set and sidecars.tls_cert is not"),
        ('[sidecars]\nexternal = ["all"]', "sidecars.external is set and sidecars.listen is not"),
        ('[sidecars]\nexternal = ["go"]\nlisten = "127.0.0.1:7"', "sidecars.external needs a secret"),
        (f"{EXTERNAL}token = 'short'", "sidecars.token has fewer than 16 characters"),
        (f"{EXTERNAL}token = '{'x' * 16}'\ntoken_file = 't'", "are both set: leave one of them out"),
        (f"{EXTERNAL}token_file = 't'\ntls_client_ca = 'c'", "tls_client_ca is set and sidecars.tls_cert is not"),
        (f"reload = true\n{EXTERNAL}token_file = 't'", "cannot be had with dev"),
        (
            '[sidecars]\nexternal = ["all"]\nlisten = "0.0.0.0:7"\ntoken_file = "t"',
            "which other hosts reach, without TLS",
        ),
        ("[sidecars.processes]\nnode = 0", "a number of at least 1 for each language group"),
        ("[sidecars]\nprocesses = 3", "such as node=2,python=1"),
        ('[sidecars]\nlisten = "here"', "sidecars.listen must be HOST:PORT"),
        ("[sidecars]\npython = 3", "sidecars.python must be a path"),
        ("[http", "motia.toml cannot be read"),
        (
            "[http.cors]\nmax_age = 1",
            "http.cors.max_age is not a setting; did you mean http.cors.max_age_ms?",
        ),
        ("[http]\ncors = 'off'", 'http.cors must be a table, found the string "off"; write [http.cors]'),
        ("[http.cors]\nallow_origins = ['https://a.example/']", "a list of origins such as"),
        ("[http.cors]\nallow_origins = ['a.example']", "a list of origins such as"),
        ("[http.cors]\nallow_methods = [1]", 'a list of strings, or "off"'),
        ("[http.compression]\nencodings = ['gzip', 'lz4']", 'a list of gzip, br, zstd, or "off"'),
        ("[http.compression]\ntypes = ['json']", "a list of content types such as"),
        ("[http]\nstatic = 'public'", 'a folder for each path, such as {"/assets" = "public"}'),
        ("[http.static]\nassets = 'public'", "paths begin with / and do not end with it"),
        ("[http.static]\n'/assets/' = 'public'", "paths begin with / and do not end with it"),
        ("[http.static]\n'/assets' = 1", "a folder for each path"),
        ("[http]\nhttp2 = true\nserver = 'uvicorn'", "http.http2 is set and http.server is uvicorn"),
    ],
)
def test_wrong_file_says_where_and_what(tmp_path: Path, toml: str, says: str) -> None:
    assert says in refused(tmp_path, toml)


def test_wrong_variable_is_named(tmp_path: Path) -> None:
    message = refused(tmp_path, "", {"MOTIA_HTTP_PORT": "http"})
    assert message.startswith("MOTIA_HTTP_PORT: http.port must be a whole number")
    assert "MOTIA_SIDECARS_PROCESSES" in refused(tmp_path, "", {"MOTIA_SIDECARS_PROCESSES": "node"})
    assert "MOTIA_SIDECARS_PROCESSES" in refused(tmp_path, "", {"MOTIA_SIDECARS_PROCESSES": "node=0"})


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    assert len(refused(tmp_path, "[http]\nport = 'x'\nhots = 1", {"MOTIA_DRAIN_GRACE_MS": "x"}).splitlines()) == 3


def test_misspelt_variable_is_an_error(tmp_path: Path) -> None:
    assert (
        refused(tmp_path, "", {"MOTIA_HTTP_PROT": "1"})
        == "MOTIA_HTTP_PROT is not a setting; did you mean MOTIA_HTTP_PORT?"
    )
    assert "MOTIA_QUEUE_XYZ is not a setting" in refused(tmp_path, "", {"MOTIA_QUEUE_XYZ": "1"})


@pytest.mark.parametrize(
    "name",
    [
        "MOTIA_ANALYTICS_DISABLED",
        "MOTIA_REDIS_HOST",
        "MOTIA_DISABLE_MEMORY_SERVER",
        "MOTIA_WORKBENCH_BASE",
        "MOTIA_TUTORIAL_DISABLED",
        "MOTIA_DOCKER_DISABLE_WORKBENCH",
        "MOTIA_API_KEY",
        "MOTIA_ENVIRONMENT_ID",
        "MOTIA_PYTHON_VERSION",
        "MOTIA_PLATFORM",
        "MOTIA_ONLY_BINARY",
        "MOTIA_SIDECAR_TOKEN",
        "MOTIA_MY_APP_COLOUR",
        "MOTIACLOUD_API_BASE_URL",
        "_MOTIA_TEST_MODE",
    ],
)
def test_variable_of_somebody_else_is_ignored(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, "", {name: "1"}) == load(tmp_path)


def test_empty_variable_is_none(tmp_path: Path) -> None:
    assert load(tmp_path, "", {"MOTIA_HTTP_PORT": "", "MOTIA_HTTP_ADMIN_TOKEN": ""}) == load(tmp_path)


def test_project_must_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("file", "nothing"):
        with pytest.raises(ProjectNotFoundError, match=re.escape(f"{name}' does not exist or is not a folder")):
            load_settings(tmp_path / name, {}, {})


def test_file_with_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "motia.toml").write_bytes(b"\xef\xbb\xbf[http]\r\nport = 5\r\n")
    assert load(tmp_path).http.port == 5
