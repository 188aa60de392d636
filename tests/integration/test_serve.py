"""`motia-core serve` and its companions, as a user runs them."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from tests.conformance.core import COMMAND, RunningCore, running_core

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "order-pipeline"

STEPS = {
    "steps/fragile_step.py": """
config = {
    "type": "event", "name": "Fragile", "subscribes": ["glass"], "emits": [],
    "infrastructure": {"queue": {"maxRetries": 0}},
}


async def handler(input, context):
    if not await context.state.get("shop", "open"):
        raise ValueError(f"cannot carry {input['n']}")
    await context.state.set("carried", str(input["n"]), input["n"])
""",
    "steps/open_step.py": """
config = {"type": "api", "name": "Open", "method": "POST", "path": "/open", "emits": []}


async def handler(req, context):
    await context.state.set("shop", "open", True)
    return {"status": 200, "body": sorted(await context.state.get_group("carried"))}
""",
    "steps/tick.step.js": """
export const config = { type: 'cron', name: 'Tick', cron: '* * * * * *', emits: [] }
export const handler = async ({ state, traceId }) => {
  const running = (await state.get('tick', 'running')) ?? 0
  await state.set('tick', 'running', running + 1)
  const runs = (await state.get('tick', 'runs')) ?? []
  await state.set('tick', 'runs', [...runs, { traceId, overlaps: running > 0 }])
  await new Promise((resolve) => setTimeout(resolve, runs.length === 0 ? 1500 : 1))
  await state.set('tick', 'running', 0)
}
""",
    "steps/ticks.step.js": """
export const config = { type: 'api', name: 'Ticks', method: 'GET', path: '/ticks', emits: [] }
export const handler = async (_req, { state }) => ({ status: 200, body: (await state.get('tick', 'runs')) ?? [] })
""",
    "steps/never.step.js": """
export const config = {
  type: 'api', name: 'Never', method: 'GET', path: '/never', emits: [], infrastructure: { handler: { timeout: 1 } },
}
export const handler = () => new Promise(() => {})
""",
}


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    project = tmp_path_factory.mktemp("serve")
    (project / "steps").mkdir()
    for path, source in STEPS.items():
        (project / path).write_text(source)
    with running_core(project, tmp_path_factory.mktemp("data")) as running:
        yield running


def cli(*arguments: str, core: RunningCore | None = None) -> subprocess.CompletedProcess[str]:
    url = ["--url", core.url] if core else []
    return subprocess.run([COMMAND, *arguments, *url], capture_output=True, text=True, timeout=30)


def eventually(look: Callable[[], T], within_s: float = 10) -> T:
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_dead_letters_from_the_command_line(core: RunningCore) -> None:
    for number in (1, 2, 3):
        emitted = cli("emit", "glass", json.dumps({"n": number}), core=core)
        assert (emitted.returncode, "1 step" in emitted.stdout) == (0, True), emitted.stderr
    letters = eventually(
        lambda: (
            (found := json.loads(cli("dlq", "list", "--json", core=core).stdout))
            and len(_list(found)) == 3
            and _list(found)
        )
    )
    shown = cli("dlq", "show", str(letters[0]["id"]), core=core)
    assert shown.returncode == 0
    assert "cannot carry" in shown.stdout
    assert "fragile_step.py" in shown.stdout

    discarded = cli("dlq", "discard", str(letters[0]["id"]), core=core)
    assert discarded.returncode == 0, discarded.stderr
    assert httpx.post(f"{core.url}/open").json() == []
    assert cli("dlq", "redrive", "--all", core=core).returncode == 0
    carried = eventually(lambda: len(found := httpx.post(f"{core.url}/open").json()) == 2 and found)
    assert set(carried) <= {1, 2, 3}
    assert _list(json.loads(cli("dlq", "list", "--json", core=core).stdout)) == []


def test_emit_needs_json_and_a_running_core(core: RunningCore) -> None:
    assert cli("emit", "glass", "{not json", core=core).returncode == 2
    nobody = cli("emit", "glass", "{}", "--url", "http://127.0.0.1:9")
    assert nobody.returncode == 3
    assert "motia-core serve" in nobody.stderr


def test_emit_over_http_as_in_0x(core: RunningCore) -> None:
    answer = httpx.post(f"{core.url}/emit", json={"topic": "nobody.listens", "data": {"a": 1}})
    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "emitted": {"topic": "nobody.listens", "data": {"a": 1}}},
    )


def test_cron_runs_every_second_and_never_beside_itself(core: RunningCore) -> None:
    runs = eventually(lambda: len(found := httpx.get(f"{core.url}/ticks").json()) >= 3 and found, 15)
    assert not any(run["overlaps"] for run in runs)
    assert len({run["traceId"] for run in runs}) == len(runs)


@pytest.mark.alone
def test_request_over_its_time_is_a_504(core: RunningCore) -> None:
    answer = httpx.get(f"{core.url}/never", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (504, "STEP_TIMEOUT")
    assert 0.9 < answer.elapsed.total_seconds() < 4


def test_attempts_are_recorded_and_linked(tmp_path: Path) -> None:
    if not (EXAMPLE / "node_modules").exists():
        pytest.fail("the example's packages are not installed: run make setup")
    with running_core(EXAMPLE, tmp_path) as core:
        order = {"customer": "Ada", "items": [{"product": "coffee", "quantity": 2}, {"product": "cake", "quantity": 1}]}
        created = httpx.post(f"{core.url}/orders", json=order)
        assert created.status_code == 202
        body = created.json()
        assert created.headers["x-trace-id"] == body["traceId"]
        order_url = f"{core.url}/orders/{body['id']}"
        confirmed = eventually(lambda: (found := httpx.get(order_url).json())["status"] == "confirmed" and found)
        assert confirmed["total"] == 17.61
        assert {entry["product"]: entry["quantity"] for entry in httpx.get(f"{core.url}/insights").json()} == {
            "coffee": 2,
            "cake": 1,
        }
        assert httpx.post(f"{core.url}/orders", json={"customer": ""}).status_code == 400
        assert httpx.get(f"{core.url}/orders/none").status_code == 404

        attempts = eventually(lambda: len(found := _trace(core, body["traceId"])) == 4 and found)
        assert [attempt["step"] for attempt in attempts] == [
            "CreateOrder",
            "PriceOrder",
            "OrderInsights",
            "NotifyCustomer",
        ]
        assert {attempt["status"] for attempt in attempts} == {"completed"}
        parents = [attempt["parentId"] for attempt in attempts]
        assert parents[1:] == [attempt["id"] for attempt in attempts[:-1]]
        assert [line for line in core.log_lines() if "your order" in line and body["traceId"] in line]
        assert core.stop() == 0


def test_what_prevents_a_start_is_one_line_and_exit_4(core: RunningCore, tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/a_step.py").write_text(STEPS["steps/open_step.py"])
    port = core.url.rpartition(":")[2]
    taken = cli("serve", str(tmp_path), "--port", port)
    assert (taken.returncode, len(taken.stderr.splitlines()) <= 2) == (4, True), taken.stderr
    assert f"{port} is in use" in taken.stderr
    (tmp_path / "file").write_text("")
    unusable = cli("serve", str(tmp_path), "--port", "0", "--data-dir", str(tmp_path / "file" / "data"))
    assert (unusable.returncode, "--data-dir" in unusable.stderr) == (4, True), unusable.stderr
    with running_core(tmp_path, tmp_path / "data"):
        second = cli("serve", str(tmp_path), "--port", "0", "--data-dir", str(tmp_path / "data"))
        assert (second.returncode, "in use by another motia-core" in second.stderr) == (4, True), second.stderr
    missing = cli("serve", str(tmp_path / "nowhere"))
    assert missing.returncode == 2
    (tmp_path / "motia.toml").write_text("[http]\nprot = 1\n")
    unknown = cli("serve", str(tmp_path))
    assert (unknown.returncode, "port" in unknown.stderr) == (2, True), unknown.stderr


def _list(answer: object) -> list[dict[str, object]]:
    found = answer["deadLetters"] if isinstance(answer, dict) else answer
    assert isinstance(found, list)
    return found


def _trace(core: RunningCore, trace_id: str) -> list[dict[str, object]]:
    answer = httpx.get(f"{core.url}/__motia/traces/{trace_id}")
    if answer.status_code == 404:  # nothing of it is recorded yet
        return []
    attempts = answer.json()["attempts"]
    assert isinstance(attempts, list)
    return attempts
