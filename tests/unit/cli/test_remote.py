"""Commands that ask a running core, against the real management API on a loopback port."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner, Result

from motia_core.cli import main
from motia_core.cli.client import default_url
from motia_core.model.event import EmitOptions
from motia_core.settings import HttpSettings
from tests.unit.workbench.management import Api, make_api


class Core:
    """An API that is served, and a way to run commands against it."""

    def __init__(self, api: Api, port: int) -> None:
        self.api = api
        self.port = port

    def run(self, *arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, [*arguments, "--port", str(self.port)], **options)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=[HttpSettings()])
def core(project: Path, request: pytest.FixtureRequest) -> Iterator[Core]:
    api = make_api(request.param)
    config = uvicorn.Config(api.app, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([sock])))
        thread.start()
        yield Core(api, sock.getsockname()[1])
        server.should_exit = True
        thread.join()


def test_emit(core: Core) -> None:
    result = core.run("emit", "work", '{"ü": [1]}', "--group", "g")
    assert (result.exit_code, result.stdout) == (0, "emitted work to 2 steps (trace Q7KPD-4821907)\n")
    core.run("emit", "work", "-", input="[2]")
    core.run("emit", "work")
    assert core.api.admin.emitted == [
        ("work", '{"ü":[1]}'.encode(), EmitOptions("g")),
        ("work", b"[2]", EmitOptions()),
        ("work", b"null", EmitOptions()),
    ]


def test_emit_with_options(core: Core) -> None:
    core.run("emit", "work", "1", "--delay", "2h", "--key", "k", "--window", "90s", "--priority", "-3")
    core.run("emit", "work", "1", "--at", "2030-01-31T09:00:00Z")
    assert [options for _, _, options in core.api.admin.emitted] == [
        EmitOptions("", 7_200_000, 0, "k", 90_000, -3),
        EmitOptions(at_ms=1_896_080_400_000),
    ]
    wrong = core.run("emit", "work", "1", "--delay", "soon")
    assert (wrong.exit_code, "delay must be a number of seconds or a text such as '30s'" in wrong.stderr) == (1, True)


def test_cron(core: Core) -> None:
    assert core.run("cron", "list").stdout.split()[:6] == ["Tick", "0", "9", "*", "*", "*"]
    assert json.loads(core.run("cron", "list", "--json").stdout)["cron"][0]["step"] == "Tick"
    assert core.run("cron", "run", "Tick").stdout == "running Tick (trace Q7KPD-4821907)\n"
    unknown = core.run("cron", "run", "Tock")
    assert (unknown.exit_code, unknown.stderr.splitlines()[0]) == (
        1,
        "error: There is no cron step 'Tock'; there are 'Tick'. (status 404)",
    )


def test_queues(core: Core) -> None:
    assert core.run("queues", "pause", "Work").stdout == "Work is paused\n"
    rows = [line.split() for line in core.run("queues", "list").stdout.splitlines()]
    assert rows[0] == ["Work", "0", "waiting", "0", "delayed", "0", "running", "0", "dead", "paused"]
    assert core.run("queues", "resume", "Work").stdout == "Work goes on\n"
    assert "paused" not in core.run("queues", "list").stdout
    assert json.loads(core.run("queues", "list", "--json").stdout)["queues"][0]["step"] == "Work"
    unknown = core.run("queues", "pause", "Other")
    assert (unknown.exit_code, "no event or cron step 'Other'" in unknown.stderr) == (1, True)


def test_emit_as_json(core: Core) -> None:
    assert json.loads(core.run("emit", "work", "--json").stdout) == {"traceId": "Q7KPD-4821907", "subscribers": 2}


def test_emit_of_something_that_is_not_json(core: Core) -> None:
    result = core.run("emit", "work", "{id: 7}")
    assert result.exit_code == 2
    assert "the data is not JSON" in result.stderr
    assert core.api.admin.emitted == []


def test_list_shows_dead_letters(core: Core) -> None:
    assert core.run("dlq", "list").stdout == "no dead letters\n"
    core.api.bury(1, 2)
    lines = core.run("dlq", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert lines[0].endswith("work  Work  1x  boom")
    assert "there are more: --before 2" in core.run("dlq", "list", "--limit", "1").stdout
    assert len(json.loads(core.run("dlq", "list", "--json").stdout)["deadLetters"]) == 2
    assert core.run("dlq", "list", "--topic", "other").stdout == "no dead letters\n"


def test_show_has_data_and_failures(core: Core) -> None:
    core.api.bury(7)
    shown = core.run("dlq", "show", "7").stdout
    for part in ("work.Work.dlq", "Q7KPD-4821907", "after 1 attempt\n", '"n": 1', "TypeError: boom", "at line 2"):
        assert part in shown
    assert json.loads(core.run("dlq", "show", "7", "--json").stdout)["data"] == {"n": 1}


def test_show_of_what_is_not_there(core: Core) -> None:
    result = core.run("dlq", "show", "7")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: There is no dead letter 7")


def test_redrive_and_discard(core: Core) -> None:
    core.api.bury(1, 2, 3)
    assert core.run("dlq", "redrive", "1").stdout == "delivering 1 dead letter again\n"
    assert core.run("dlq", "discard", "--all", input="n\n").exit_code == 1
    assert len(core.api.store.queue.letters) == 2
    assert core.run("dlq", "discard", "--all", "--yes").stdout == "deleted 2 dead letters\n"
    assert json.loads(core.run("dlq", "redrive", "--all", "--json").stdout) == {"redriven": 0}


def test_redrive_with_other_data(core: Core) -> None:
    core.api.bury(1)
    assert core.run("dlq", "redrive", "1", "--data", '{"n": 2}').stdout == "delivering 1 dead letter again\n"
    assert core.api.store.memory.deliveries[1].data == b'{"n":2}'
    assert core.run("dlq", "redrive", "1", "--data", "{n: 2}").exit_code == 2


def test_show_has_the_cause(core: Core) -> None:
    core.api.bury(7)
    assert "  caused by\n  inner" in core.run("dlq", "show", "7").stdout


@pytest.mark.parametrize("arguments", [[], ["1", "--all"], ["1", "--topic", "t"]])
def test_unclear_selection(core: Core, arguments: list[str]) -> None:
    result = core.run("dlq", "redrive", *arguments)
    assert result.exit_code == 2
    assert core.api.admin.redriven == []


@pytest.mark.parametrize("core", [HttpSettings(host="0.0.0.0", admin_token="s3cret")], indirect=True)
def test_token_of_the_settings_is_sent(core: Core, project: Path) -> None:
    refused = core.run("emit", "work")
    assert refused.exit_code == 1
    assert "http.admin_token" in refused.stderr
    (project / ".env").write_text("MOTIA_HTTP_ADMIN_TOKEN=s3cret")
    assert core.run("emit", "work").exit_code == 0


def test_core_that_does_not_run(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    result = CliRunner().invoke(main, ["dlq", "list", "--port", str(port)])
    assert result.exit_code == 3
    assert f"no core answers at http://127.0.0.1:{port}" in result.stderr
    assert "motia-core serve" in result.stderr


def test_something_else_that_answers(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:

        def answer() -> None:
            client, _ = sock.accept()
            with client:
                client.recv(65_536)
                client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        result = CliRunner().invoke(main, ["dlq", "list", "--url", f"http://127.0.0.1:{sock.getsockname()[1]}/"])
        thread.join()
    assert result.exit_code == 3
    assert "is not motia-core (status 200)" in result.stderr


@pytest.mark.parametrize("url", ["127.0.0.1:3000", "ftp://x", "http://", "http://h:port"])
def test_url_that_is_none(project: Path, url: str) -> None:
    result = CliRunner().invoke(main, ["dlq", "list", "--url", url])
    assert result.exit_code == 2
    assert "is not a URL of a core" in result.stderr


@pytest.mark.parametrize(
    ("http", "url"),
    [
        (HttpSettings(), "http://127.0.0.1:3000"),
        (HttpSettings(host="0.0.0.0", port=80), "http://127.0.0.1:80"),
        (HttpSettings(host="::"), "http://[::1]:3000"),
        (HttpSettings(host="10.0.0.1", tls_cert=Path("c")), "https://10.0.0.1:3000"),
    ],
)
def test_default_url_is_that_of_the_settings(http: HttpSettings, url: str) -> None:
    assert default_url(http) == url
