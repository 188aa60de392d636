"""A project of Motia 0.x as people write it (tests/projects/shop), unmodified: config with adapters and plugins,
helpers, file names, values, and the mistakes that 0.x forgave."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from tests.conformance.core import COMMAND, RunningCore, running_core

SHOP = Path(__file__).parents[1] / "projects" / "shop"
T = TypeVar("T")


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    project = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(SHOP, project)
    with running_core(project, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def client(core: RunningCore) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=core.url, timeout=10) as made:
        yield made


def eventually(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + 15
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def logged(core: RunningCore, text: str) -> list[str]:
    return [line for line in core.log_lines() if text in line]


def order(client: httpx.Client, product: str) -> dict[str, object]:
    taken = client.post("/orders", json={"product": product}, headers={"X-User": "ada"})
    assert taken.status_code == 200, taken.text
    assert taken.headers["x-flow"] == taken.json()["traceId"]
    return dict(taken.json())


def test_everything_loads_and_what_means_nothing_here_is_said() -> None:
    done = subprocess.run([COMMAND, "check", SHOP, "--json"], capture_output=True, text=True, timeout=60, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 0, found["problems"]
    assert found["steps"] == {"total": 12, "loaded": 12}
    assert {problem["severity"] for problem in found["problems"]} == {"warning"}
    ours = [problem["cause"] for problem in found["problems"] if problem["file"] == "motia.config.ts"]
    assert [cause.split()[0] for cause in ours] == ["adapters", "redis"]


def test_order_goes_through_both_languages(client: httpx.Client, core: RunningCore) -> None:
    taken = order(client, "cake")
    assert taken["total"] == 5
    packed = eventually(
        lambda: (found := client.get(f"/packed/{taken['traceId']}")).status_code == 200 and found.json()
    )
    assert packed == {"box": "large", "label": f"to {taken['traceId']}", "missing": "nothing", "note": None}
    assert logged(core, "prices are open") and logged(core, "packing is open")
    assert logged(core, "shown with its stack")
    latest = client.get(
        "/packed/latest?hub.mode=subscribe"
    )  # static comes before a parameter; written beside the steps
    assert latest.text == f"to {taken['traceId']} subscribe"


def test_middleware_answers_what_a_handler_throws(client: httpx.Client) -> None:
    failed = client.post("/orders", json={})
    assert (failed.status_code, failed.json()) == (422, {"error": "which product?"})


def test_routes_of_plugins_have_the_context_of_a_step(client: httpx.Client, core: RunningCore) -> None:
    order(client, "tea")
    stock = client.get("/__motia/stock")
    assert stock.status_code == 200
    assert stock.json()["orders"] >= 1
    assert stock.headers["x-trace-id"]
    assert eventually(lambda: logged(core, "stock was asked for"))
    pinned = client.post("/board/open?by=ada", json={"card": 1})
    assert (pinned.status_code, pinned.json()) == (201, {"column": "open", "query": {"by": "ada"}})
    assert client.post("/board/none", json={}).status_code == 404
    assert client.get("/__motia/health").status_code == 200  # ours are there as before
    assert "x-trace-id" not in client.post("/__motia/stock").headers  # of another method: the management API


def test_tabs_of_plugins_are_there(client: httpx.Client) -> None:
    listed = client.get("/__motia/tabs").json()
    assert listed == {
        "tabs": [
            {"id": "board", "label": "Board", "position": "bottom", "package": "~/plugins/board", "props": {}},
        ],
        "problem": None,
    }
    module = client.get("/__motia/tabs/board")
    assert (module.status_code, module.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert client.get("/__motia/tabs/none").status_code == 404


def test_emits_that_0x_forgave_are_dropped_with_a_warning(client: httpx.Client, core: RunningCore) -> None:
    odd = client.post("/odd", json={})
    assert (odd.status_code, odd.json()) == (200, {"missing": None, "group": []})
    assert eventually(lambda: len([line for line in core.log_lines() if '"warn"' in line and "emit" in line]) >= 3)


def test_forms_keys_and_schemas_are_as_before(client: httpx.Client) -> None:
    hook = client.post("/hooks/slack", data={"payload": '{"ok": 7}'})  # its bodySchema would refuse this
    assert (hook.status_code, hook.json()) == (425, [7, True])
    page = client.get("/success")
    assert (page.text, page.headers["content-type"].split(";")[0]) == ("<h1>Thank you</h1>", "text/html")


def test_stream_items_are_not_held_to_the_schema(client: httpx.Client) -> None:
    stage = client.put("/stages/bad%20id!", json={"stage": "enriching"})
    assert stage.status_code == 202
    assert (stage.json()["id"], stage.json()["stage"]) == ("bad id!", "enriching")


def test_step_of_another_generation_fails_alone(client: httpx.Client) -> None:
    chat = client.post("/chat", json={})
    assert (chat.status_code, chat.json()) == (500, {"error": "Internal server error"})
    assert client.get("/success").status_code == 200


def test_motia_build_and_types_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    shutil.copytree(SHOP, project)
    made = subprocess.run(
        [COMMAND.with_name("motia"), "generate-types"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert "'Take order'" in (project / "types.d.ts").read_text()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The other project: CommonJS, zod 3, a workspace whose package is TypeScript."""
    project = tmp_path_factory.mktemp("workshop") / "workshop"
    shutil.copytree(SHOP.parent / "workshop", project)
    (project / "node_modules" / "@workshop").mkdir(parents=True)
    (project / "node_modules" / "@workshop" / "types").symlink_to(project / "packages" / "types")
    (project / "node_modules" / "zod").symlink_to(SHOP.parents[2] / "sdk-node" / "node_modules" / "zod")
    with running_core(project, tmp_path_factory.mktemp("data")) as core, httpx.Client(base_url=core.url) as client:
        (found,) = (record for record in core.records if record.get("event") == "found")
        assert found["steps"] == {"total": 10, "loaded": 10}, found["problems"]
        yield client


def test_commonjs_and_workspaces_run(workshop: httpx.Client) -> None:
    booked = workshop.post("/visits", json={"name": "ada", "day": 3}, headers={"Host": "workshop.example"})
    assert booked.status_code == 201, booked.text
    assert (booked.json()["id"], booked.json()["stage"]) == ("ada", "booked")
    (visit,) = workshop.get("/visits").json()
    assert (visit["host"], len(visit["signature"])) == ("workshop.example", 64)
    reminder = eventually(lambda: (found := workshop.get("/reminders/ada")).status_code == 200 and found.json())
    assert reminder == {"text": "Dear ada, see you on the 3.", "from": "workshop", "dirname": "src/api"}
    assert workshop.get("/visits").headers["x-greeting"] == "hello"


def test_errors_of_zod_are_known_across_modules(workshop: httpx.Client) -> None:
    refused = workshop.post("/visits", json={"name": "ada", "day": 40})
    assert (refused.status_code, refused.json()) == (400, {"error": "validation", "fields": ["day"]})
    old = workshop.put("/old", json={"token": 1})
    assert (old.status_code, old.json()) == (500, {"error": "Internal server error"})  # nobody catches it
    assert workshop.put("/old", json={"token": "x"}).json() == {"token": "x"}


def test_bytes_null_and_the_order_of_routes_and_files(workshop: httpx.Client) -> None:
    file = workshop.get("/visits/file.bin")
    assert (file.content, file.headers["content-type"], file.headers["content-length"]) == (
        b"\x00\xff\x01",
        "application/zip",
        "3",
    )
    assert workshop.get("/visits/nobody").text == "null"
    assert workshop.post("/intent", json={}).text == "first"  # the route is there twice


def test_what_is_missing_costs_its_own_files_only(tmp_path: Path) -> None:
    project = tmp_path / "lacking"
    shutil.copytree(SHOP.parent / "lacking", project)
    with running_core(project, tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/works").text == "works"
        assert eventually(lambda: logged(core, "the others run"))
        (found,) = (record for record in core.records if record.get("event") == "found")
    assert found["steps"] == {"total": 11, "loaded": 2}
    problems = found["problems"]
    assert isinstance(problems, list)
    remedies = {problem["file"].removeprefix("steps/"): problem["remedy"] for problem in problems}
    assert remedies == {
        "declared-one.step.ts": "openai-like is in package.json but not installed: motia-core install",
        "declared-two.step.ts": "openai-like is in package.json but not installed: motia-core install",
        "undeclared.step.ts": "axios-like is not in package.json: npm install axios-like",
        "no-file.step.ts": "check the path of the import: there is no such file",
        "no-key.step.ts": "set WEATHER_API_KEY in .env; .env.example shows how",
        "exits.step.ts": "the file, or what it imports, ends the process when something is missing; see its output",
        "missing_step.py": "agno_like is in requirements.txt but not installed: motia-core install",
        "unlisted_step.py": "firecrawl_like is not in requirements.txt: pip install firecrawl_like, "
        "or check the name of the import",
        "leaves_step.py": "the file, or what it imports, ends the process when something is missing; see its output",
    }
