"""The guides to streams and their clients: two languages in one project, and every client does what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.conformance.core import COMMAND, RunningCore, running_core
from tests.integration.test_guides import GUIDES, SDK, TSCONFIG, written
from tests.repo.repository import blocks

OTHER_DEFINITION = {"ts": "tasks_stream.py", "python": "tasks.stream.ts"}
_CLIENT = re.compile(r"^(?://|#) client/(\S+)\n")


def project(directory: Path, definition: str = "ts") -> Path:
    """The project of the guide, with the stream `tasks` defined in one of its two languages."""
    made = directory / "project"
    made.mkdir()
    assert written("streams", "ts", made)
    assert written("streams", "python", made)
    (made / "steps" / OTHER_DEFINITION[definition]).unlink()
    return made


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    directory = tmp_path_factory.mktemp("guide")
    made = project(directory)
    (made / "motia.config.ts").unlink()  # the programs of the guide to clients have no token
    with running_core(made, directory / "data") as running:
        yield running


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the guide to clients, compiled and without a type error."""
    directory = tmp_path_factory.mktemp("clients")
    (directory / "package.json").write_text('{"type": "module"}')
    (directory / "node_modules").mkdir()
    for name in ("react", "react-dom", "ws", "@types"):
        (directory / "node_modules" / name).symlink_to(SDK / "node_modules" / name)
    (directory / "node_modules" / "motia").symlink_to(SDK)
    (directory / "client").mkdir()
    for block in blocks(GUIDES / "stream-clients.md"):
        if name := _CLIENT.match(block.text):
            (directory / "client" / name[1]).write_text(block.text)
    options = {
        **TSCONFIG["compilerOptions"],
        "noEmit": False,
        "allowJs": True,
        "checkJs": False,
        "rootDir": "client",
        "outDir": "run",
        "paths": {},
        "jsx": "react-jsx",
        "lib": ["es2022", "dom"],
    }
    (directory / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["client"]}))
    compiler = SDK / "node_modules" / ".bin" / "tsc"
    result = subprocess.run([compiler, "-p", directory], check=False, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout
    return directory


@contextmanager
def client(core: RunningCore, directory: Path, file: str, *command: str | Path) -> Iterator[Iterator[str]]:
    """A program of the guide, which watches this core; what it prints."""
    program = directory / file
    text = program.read_text()
    assert "127.0.0.1:3000" in text
    here = program.with_name(f"here-{program.name}")
    here.write_text(text.replace("127.0.0.1:3000", core.url.removeprefix("http://")))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*command, here], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout.readline, "")
        finally:
            process.kill()


def add(core: RunningCore, group: str, item_id: str, title: str) -> None:
    answer = httpx.post(f"{core.url}/lists/{group}/tasks/{item_id}", json={"title": title})
    assert answer.status_code == 201, answer.text
    assert answer.json()["title"] == title


def heard(lines: Iterator[str], words: str) -> str:
    found = next((line for line in lines if words in line), "")
    assert found, f"never printed: {words}"
    return found


@pytest.mark.parametrize("definition", ["ts", "python"])
def test_steps_load_without_a_problem(definition: str, tmp_path: Path) -> None:
    made = project(tmp_path, definition)
    checked = subprocess.run([COMMAND, "check", made, "--json"], check=False, capture_output=True, timeout=60)
    found = json.loads(checked.stdout)
    assert found["problems"] == []
    assert found["steps"] == {"total": 3, "loaded": 3}


def test_typescript_has_no_type_errors(tmp_path: Path) -> None:
    made = project(tmp_path)
    subprocess.run([COMMAND, "generate-types", made], check=True, capture_output=True, timeout=60)
    (made / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (made / "package.json").write_text('{"type": "module"}')
    compiler = SDK / "node_modules" / ".bin" / "tsc"
    result = subprocess.run([compiler, "-p", made], check=False, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("definition", ["ts", "python"])
def test_tasks_are_added_and_voted_for(definition: str, tmp_path: Path) -> None:
    with running_core(project(tmp_path, definition), tmp_path / "data") as core:
        add(core, "today", "1", "water the plants")
        for votes in (1, 2):
            voted = httpx.post(f"{core.url}/lists/today/tasks/1/votes", json={}).json()
            assert (voted["title"], voted["votes"]) == ("water the plants", votes)


def test_who_may_watch_and_say_something(tmp_path: Path) -> None:
    with running_core(project(tmp_path), tmp_path / "data") as core:
        socket = core.url.replace("http", "ws", 1)
        with pytest.raises(InvalidStatus, match="401"):
            connect(socket).__enter__()
        with connect(f"{socket}/?token=secret") as one:
            talk(one)


def talk(client: ClientConnection) -> None:
    def ask(kind: str, group: str, **data: object) -> str:
        client.send(json.dumps({"type": kind, "data": {"streamName": "messages", "groupId": group, **data}}))
        return str(client.recv(10))

    assert "STREAM_ACCESS_DENIED" in ask("join", "staff", subscriptionId="1")
    assert '"sync"' in ask("join", "all", subscriptionId="2")
    seen = ask("send", "all", message={"type": "say", "data": {"text": "hello"}}, messageId="m") + str(client.recv(10))
    assert '"sent"' in seen
    created = re.search(r'"create","data":({.*?})', seen)
    assert created is not None, seen
    item = json.loads(created[1])
    assert (item["text"], item["author"]) == ("hello", "ada")


@pytest.mark.parametrize(
    ("file", "command"), [("run/watch.js", ["node"]), ("client/watch.py", [sys.executable])], ids=["ts", "python"]
)
def test_client_of_the_guide_sees_a_task_come(file: str, command: list[str], core: RunningCore, clients: Path) -> None:
    with client(core, clients, file, *command) as lines:
        first = next(lines)
        add(core, "today", "2", f"read with {file}")
        assert heard(lines, "added"), first


def test_events_of_the_guide_are_seen_by_an_event_source(core: RunningCore, clients: Path) -> None:
    add(core, "today", "3", "dust")
    voted = threading.Event()

    def vote() -> None:  # until it is seen: the program does not say when it has begun to watch
        while not voted.wait(0.05):
            httpx.post(f"{core.url}/lists/today/tasks/3/votes", json={})

    with client(core, clients, "run/events.js", "node", "--experimental-eventsource") as lines:
        voter = threading.Thread(target=vote)
        voter.start()
        try:
            assert "dust" in heard(lines, "title")
        finally:
            voted.set()
            voter.join()


def test_components_of_the_guide_render(clients: Path) -> None:
    (clients / "run" / "page.js").write_text(
        "import { renderToString } from 'react-dom/server'\nimport { createElement } from 'react'\n"
        "import { App } from './board.js'\nconsole.log(renderToString(createElement(App)))\nprocess.exit()\n"
    )
    done = subprocess.run(
        ["node", clients / "run" / "page.js"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == '<ul aria-busy="true"></ul>\n'


def test_curl_of_the_guide_shows_what_is_there(core: RunningCore) -> None:
    (line,) = (block.text for block in blocks(GUIDES / "streams.md") if block.text.startswith("curl "))
    add(core, "today", "4", "sweep")
    path = re.search(r"(/__motia/streams/\S+)'", line)
    assert path is not None
    with httpx.stream("GET", f"{core.url}{path[1]}", timeout=10) as events:
        assert '"sweep"' in next(text for text in events.iter_lines() if text.startswith("data:"))
