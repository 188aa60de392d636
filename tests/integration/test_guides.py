"""What the guides show works: their steps load and do what the page says, their TypeScript has no type errors, and
their commands exist with the options shown."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from motia_core.cli import main
from tests.conformance.core import COMMAND, RunningCore, running_core
from tests.repo.repository import ROOT, blocks

GUIDES = ROOT / "docs" / "guides"
SDK = ROOT / "sdk-node"
LANGUAGES = ("ts", "python")
WITH_STEPS = (
    "bodies",
    "contracts",
    "cron",
    "dead-letters",
    "durable-steps",
    "express",
    "getting-started",
    "middleware",
    "queues",
    "schemas",
    "state",
    "types",
    "websockets",
)
_FILE = re.compile(r"^(?://|#) (steps/\S+|motia\.config\.\S+)\n")

LOOK = """
config = {"type": "api", "name": "Look", "method": "GET", "path": "/look/:group", "emits": []}


async def handler(req, ctx):
    found = {entry["key"]: entry["value"] async for entry in ctx.state.list_all(req["pathParams"]["group"])}
    return {"status": 200, "body": found}
"""
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "nodenext",
        "paths": {"motia": [str(SDK / "dist" / "index.d.ts")]},
        "typeRoots": [str(SDK / "node_modules" / "@types")],
        "types": ["node"],
    },
    "include": ["steps", "types.d.ts", "motia.config.ts"],
}


def written(guide: str, language: str, directory: Path) -> list[Path]:
    """The steps of a guide, as a project."""
    files = []
    for block in blocks(GUIDES / f"{guide}.md"):
        if block.language == language and (name := _FILE.match(block.text)):
            if name[1].startswith("motia.config") and guide == "express":
                continue  # it needs packages: test_express_guide.py has them
            file = directory / name[1]
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text)
            if file.parent.name == "steps":
                files.append(file)
    if any("from 'zod'" in file.read_text() for file in files):
        (directory / "node_modules").mkdir()
        (directory / "node_modules" / "zod").symlink_to(SDK / "node_modules" / "zod4")
    return files


@contextmanager
def served(guide: str, language: str, directory: Path, **settings: str) -> Iterator[RunningCore]:
    """A core that runs the steps of a guide, and one that looks into the state."""
    project = directory / "project"
    project.mkdir()
    assert written(guide, language, project)
    (project / "steps" / "look_step.py").write_text(LOOK)
    with running_core(project, directory / "data", settings) as core:
        yield core


def state(core: RunningCore, group: str) -> Any:
    return httpx.get(f"{core.url}/look/{group}").json()


def emit(core: RunningCore, topic: str, data: Any) -> None:
    command(core, "emit", topic, json.dumps(data))


def command(core: RunningCore, *arguments: str) -> str:
    result = subprocess.run(
        [COMMAND, *arguments, "--url", core.url], check=False, capture_output=True, text=True, timeout=30
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def until(look: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + 20
    while (found := look()) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.parametrize("guide", WITH_STEPS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_load_without_a_problem(guide: str, language: str, tmp_path: Path) -> None:
    steps = written(guide, language, tmp_path)
    assert steps
    checked = subprocess.run([COMMAND, "check", str(tmp_path), "--json"], check=False, capture_output=True, timeout=60)
    found = json.loads(checked.stdout)
    assert found["steps"] == {"total": len(steps), "loaded": len(steps)}
    assert found["problems"] == []


def test_every_guide_is_tested() -> None:
    with_steps = {page.stem for page in GUIDES.glob("*.md") if any(_FILE.match(block.text) for block in blocks(page))}
    assert with_steps == {
        *WITH_STEPS,
        "go",  # test_go.py
        "streams",  # two languages in one project: test_streams_guide.py
        "several-steps",  # more steps than files: test_several_steps_guide.py
        "testing",  # steps and their tests: testing/test_guide.py
        "ruby",  # one language: test_ruby_guide.py
    }


@pytest.mark.parametrize("guide", WITH_STEPS)
def test_typescript_has_no_type_errors(guide: str, tmp_path: Path) -> None:
    assert written(guide, "ts", tmp_path)
    written(guide, "python", tmp_path)
    subprocess.run([COMMAND, "generate-types", str(tmp_path)], check=True, capture_output=True, timeout=60)
    (tmp_path / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    compiler = SDK / "node_modules" / ".bin" / "tsc"
    result = subprocess.run([compiler, "-p", tmp_path], check=False, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout


def shell_lines() -> list[tuple[str, str]]:
    return [
        (page.stem, line)
        for page in sorted(GUIDES.glob("*.md"))
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.splitlines()
        if line.startswith("motia-core ")
    ]


@pytest.mark.parametrize(("guide", "line"), shell_lines())
def test_commands_take_the_options_shown(guide: str, line: str) -> None:
    _, *words = shlex.split(line)
    command: click.Command = main
    while isinstance(command, click.Group):
        assert words[0] in command.commands, guide
        command = command.commands[words.pop(0)]
    command.make_context(line, words)


def test_settings_are_toml() -> None:
    shown = [block.text for page in GUIDES.glob("*.md") for block in blocks(page) if block.language == "toml"]
    assert shown
    for text in shown:
        assert tomllib.loads(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_expense_waits_is_paid_once_and_booked_once(language: str, tmp_path: Path) -> None:
    with served("durable-steps", language, tmp_path) as core:
        emit(core, "expense.submitted", {"id": "e1", "amount": 120})
        emit(core, "expense.submitted", {"id": "e2", "amount": 7})
        emit(core, "expense.decided", {"id": "e1", "approved": True})
        emit(core, "expense.decided", {"id": "e2", "approved": False})
        until(lambda: state(core, "expenses"), {"e1": "paid: receipt-e1", "e2": "refused"})
        until(lambda: state(core, "books"), {"total": {"amount": 120}})


@pytest.mark.parametrize("language", LANGUAGES)
def test_dead_letters_are_heard_of_shown_and_brought_back(language: str, tmp_path: Path) -> None:
    with served("dead-letters", language, tmp_path) as core:
        emit(core, "order.created", {"id": "o1", "amount": -1})
        emit(core, "order.created", {"id": "o2", "amount": 2000})
        emit(core, "order.created", {"id": "o3", "amount": 20})
        alerts = {"o1": "the amount is negative", "o2": "the bank does not answer"}
        until(lambda: state(core, "alerts"), alerts)
        letters = json.loads(command(core, "dlq", "list", "--json"))["deadLetters"]
        assert {letter["attempts"] for letter in letters} == {1, 3}
        for letter in letters:
            command(core, "dlq", "redrive", str(letter["id"]), "--data", '{"id": "o4", "amount": 5}')
        until(lambda: json.loads(command(core, "dlq", "list", "--json"))["deadLetters"], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_state_is_changed_compared_and_listed(language: str, tmp_path: Path) -> None:
    with served("state", language, tmp_path) as core, httpx.Client(base_url=core.url) as client:
        cart = {"items": ["tea"]}
        answer = client.post("/cart/7", json=cart).json()
        assert answer == {"cart": cart, "count": 1, "removed": cart, "left": None}
        client.post("/sell/tea", json={"order": "a"})
        stock = client.post("/sell/tea", json={"order": "b"}).json()["stock"]
        assert stock == {"sold": 4, "last": {"order": "b", "by": "anna"}, "orders": ["a", "b"]}
        seats = [client.post(f"/seats/{seat}", json={"passenger": "Ada"}) for seat in ("1a", "1b", "2a", "1a")]
        assert [seat.status_code for seat in seats] == [200, 200, 200, 409]
        found = client.get("/seats").json()
        assert [entry["key"] for entry in found["first"]] == ["1a", "1b"]
        assert found["all"] == {"1a": "Ada", "1b": "Ada", "2a": "Ada"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_cron_steps_are_listed_and_run_by_hand(language: str, tmp_path: Path) -> None:
    with served("cron", language, tmp_path) as core:
        assert "DailyReport" in command(core, "cron", "list")
        command(core, "cron", "run", "DailyReport")
        until(lambda: state(core, "reports"), {"daily": {"runs": 1}})


@pytest.mark.parametrize("language", LANGUAGES)
def test_queues_of_the_guide_work(language: str, tmp_path: Path) -> None:
    with served("queues", language, tmp_path) as core:
        for number in range(5):
            invoice = {"id": f"i{number}", "account": "a", "dueDate": "2020-01-01T00:00:00Z"}
            emit(core, "invoice.sent", invoice)
            emit(core, "invoice.sent", invoice)  # its key was seen
        until(lambda: {key: sorted(value["entries"]) for key, value in state(core, "accounts").items()},
              {"a": [f"i{number}" for number in range(5)]})  # fmt: skip
        emit(core, "order.created", {"id": "o1", "amount": -1})
        until(lambda: len(json.loads(command(core, "dlq", "list", "--json"))["deadLetters"]), 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_schemas_are_held_against_requests_and_events(language: str, tmp_path: Path) -> None:
    with served("schemas", language, tmp_path, MOTIA_VALIDATION_MODE="strict") as core:
        with httpx.Client(base_url=core.url) as client:
            booked = client.post("/flights/LH7/seats?count=2", json={"passenger": " Ada ", "window": True})
            assert (booked.status_code, booked.json()) == (201, {"seats": ["1A", "2A"]})
            refused = client.post("/flights/LH7/seats?count=0", json={})
            example = next(block.text for block in blocks(GUIDES / "schemas.md") if block.language == "json")
            assert (refused.status_code, refused.json()) == (400, json.loads(example))
            assert client.post("/flights/7/seats", json={"passenger": "Ada"}).json()["code"] == "REQUEST_SCHEMA"
            assert client.post("/flights/LH7/seats", json={"passenger": "  "}).json()["code"] == "REQUEST_SCHEMA"
        until(lambda: state(core, "notified"), {"Ada": {"flight": "LH7", "seats": 2}})


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_come_in_and_rows_go_out(language: str, tmp_path: Path) -> None:
    with served("bodies", language, tmp_path) as core, httpx.Client(base_url=core.url) as client:
        photos = {"small": ("small.jpg", b"\xff\xd8\xff\xe0"), "large": ("large.jpg", b"\xff\xd8\xff\xe1" * 500_000)}
        answer = client.post("/photos", data={"album": "summer"}, files=photos)
        assert (answer.status_code, answer.json()) == (201, {"names": ["small.jpg", "large.jpg"]})
        assert state(core, "photos") == {
            "small.jpg": {"album": "summer", "size": 4, "start": "ffd8ffe0"},
            "large.jpg": {"album": "summer", "size": 2_000_000, "start": "ffd8ffe1"},
        }
        assert client.get("/export/rows").text == '{"id":1}\n{"id":2}\n{"id":3}\n'
        events = client.get("/export/events")
        assert events.headers["content-type"].startswith("text/event-stream")
        assert events.text == 'data: {"id":1}\n\ndata: {"id":2}\n\ndata: {"id":3}\n\n'


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chat_room_hears_what_is_said(language: str, tmp_path: Path) -> None:
    with served("websockets", language, tmp_path, MOTIA_VALIDATION_MODE="strict") as core:
        room = f"{core.url.replace('http', 'ws', 1)}/chat/7"
        with pytest.raises(InvalidStatus):
            connect(room).__enter__()
        with connect(f"{room}?name=Ada") as ada:
            with connect(f"{room}?name=Bob") as bob:
                bob.send('{"text": "hello"}')
                assert json.loads(bob.recv(10)) == {"heard": 1}
                assert json.loads(ada.recv(10)) == {"name": "Bob", "text": "hello"}
                bob.send("{}")
                assert json.loads(bob.recv(10))["code"] == "REQUEST_SCHEMA"
            assert json.loads(ada.recv(10)) == {"left": "Bob"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_middleware_of_project_flow_and_step(language: str, tmp_path: Path) -> None:
    with served("middleware", language, tmp_path) as core:
        assert httpx.get(f"{core.url}/account").status_code == 401
        answer = httpx.get(f"{core.url}/account", headers={"authorization": "Bearer secret"})
        assert answer.json() == {"user": "ada", "audited": "yes"}
        assert answer.headers["x-timed"] == "yes"
