"""What handlers print is shown in the run that printed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import running_core
from tests.integration.test_reload import until

STEPS = {
    "steps/a_step.py": """
import asyncio
import sys

config = {"type": "api", "name": "Py", "method": "GET", "path": "/py/:who", "emits": []}


async def handler(req, ctx):
    who = req["pathParams"]["who"]
    print("hello", who)
    sys.stdout.write(f"{who} begins")
    await asyncio.sleep(0.2)
    print(" and ends")
    print("bad", who, file=sys.stderr)
    print("no newline", who, end="")
    return {"status": 200}
""",
    "steps/s_step.py": """
import time

config = {"type": "api", "name": "Sync", "method": "GET", "path": "/sync/:who", "emits": []}


def handler(req, ctx):
    print("hello", req["pathParams"]["who"])
    time.sleep(0.2)
    print("bye", req["pathParams"]["who"])
    return {"status": 200}
""",
    "steps/b.step.ts": """
console.log('while it is loaded')
export const config = { type: 'api', name: 'Ts', method: 'GET', path: '/ts/:who', emits: [] }
export const handler = async (req) => {
  const { who } = req.pathParams
  console.log('hello', who)
  process.stdout.write(`${who} begins`)
  await new Promise((resolve) => setTimeout(resolve, 200))
  console.log(' and ends')
  console.error('bad', who)
  process.stdout.write(`no newline ${who}`)
  return { status: 200 }
}
""",
    "steps/late_step.py": """
import threading
import time

config = {"type": "api", "name": "LatePy", "method": "GET", "path": "/late/py", "emits": []}


def late():
    time.sleep(0.3)
    print("late", end="")
    print(" later")


def handler(req, ctx):
    import contextvars

    threading.Thread(target=contextvars.copy_context().run, args=(late,)).start()
    return {"status": 200}
""",
    "steps/late.step.ts": """
export const config = { type: 'api', name: 'LateTs', method: 'GET', path: '/late/ts', emits: [] }
export const handler = async () => {
  setTimeout(() => {
    process.stdout.write('late')
    process.stdout.write(' later')
    process.stdout.write('\\n')
  }, 300)
  return { status: 200 }
}
""",
    "steps/c_step.py": """
import os

config = {"type": "api", "name": "Dies", "method": "GET", "path": "/dies", "emits": []}


async def handler(req, ctx):
    print("last words")
    os._exit(1)
""",
}


def write(root: Path) -> None:
    for path, text in STEPS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def lines_of(url: str, trace_id: str) -> list[tuple[str, str, str]]:
    logs: list[dict[str, Any]] = httpx.get(f"{url}/__motia/logs", params={"traceId": trace_id}).json()["logs"]
    return [(log["step"], log["level"], log["msg"]) for log in reversed(logs) if "from" in log["fields"]]


def ask_both(url: str, path: str) -> dict[str, str]:
    """Two requests at once; their trace ids."""
    import asyncio

    async def ask() -> dict[str, str]:
        async with httpx.AsyncClient() as client:
            answers = await asyncio.gather(*(client.get(f"{url}/{path}/{who}") for who in ("ada", "bob")))
            return dict(zip(("ada", "bob"), (answer.headers["x-trace-id"] for answer in answers), strict=True))

    return asyncio.run(ask())


@pytest.mark.parametrize(("path", "step"), [("py", "Py"), ("ts", "Ts")])
def test_lines_belong_to_their_run_and_are_whole(path: str, step: str, tmp_path: Path) -> None:
    write(tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data", {"MOTIA_RELOAD": "true"}) as core:
        for who, trace_id in ask_both(core.url, path).items():
            out = [
                (step, "info", f"hello {who}"),
                (step, "info", f"{who} begins and ends"),
                (step, "info", f"no newline {who}"),
            ]
            wanted = sorted([*out, (step, "error", f"bad {who}")])
            until(
                lambda trace_id=trace_id, wanted=wanted: sorted(lines_of(core.url, trace_id)) == wanted,
                lambda trace_id=trace_id: str(lines_of(core.url, trace_id)),
            )
        assert not [record for record in core.records if "\\x1f" in str(record)]


def test_what_sync_handlers_print_in_threads_is_theirs(tmp_path: Path) -> None:
    write(tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data") as core:
        for who, trace_id in ask_both(core.url, "sync").items():
            wanted = [("Sync", "info", f"hello {who}"), ("Sync", "info", f"bye {who}")]
            until(
                lambda trace_id=trace_id, wanted=wanted: lines_of(core.url, trace_id) == wanted,
                lambda trace_id=trace_id: str(lines_of(core.url, trace_id)),
            )


@pytest.mark.parametrize(("path", "step"), [("py", "LatePy"), ("ts", "LateTs")])
def test_what_is_printed_after_the_end_is_not_kept_for_a_newline(path: str, step: str, tmp_path: Path) -> None:
    write(tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data", {"MOTIA_RELOAD": "true"}) as core:
        trace_id = httpx.get(f"{core.url}/late/{path}").headers["x-trace-id"]
        until(
            lambda: lines_of(core.url, trace_id) == [(step, "info", "late"), (step, "info", " later")],
            lambda: str(lines_of(core.url, trace_id)),
        )


def test_last_words_of_a_process_are_in_the_run_that_ended_it(tmp_path: Path) -> None:
    write(tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data") as core:
        trace_id = httpx.get(f"{core.url}/dies").headers["x-trace-id"]
        until(
            lambda: lines_of(core.url, trace_id) == [("Dies", "info", "last words")],
            lambda: str(lines_of(core.url, trace_id)),
        )


def test_serving_does_not_follow_what_costs_time(tmp_path: Path) -> None:
    write(tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data") as core:
        trace_id = httpx.get(f"{core.url}/ts/ada").headers["x-trace-id"]
        until(
            lambda: any(record.get("message") == "hello ada" for record in core.records),
            lambda: str(core.records[-3:]),
        )
        assert lines_of(core.url, trace_id) == []
