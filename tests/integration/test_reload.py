"""Files are served as they are saved: without a failed request, whatever is saved."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

SOON_S = 15.0  # until a change must be served, on a machine that does other things as well

API = {
    "ts": """
import { version } from '../lib/version'
export const config = { type: 'api', name: 'Ts', method: 'GET', path: '/ts', emits: ['asked'] }
export const handler = async () => ({ status: 200, body: { version } })
""",
    "py": """
from lib.version import VERSION

config = {"type": "api", "name": "Py", "method": "GET", "path": "/py", "emits": []}


async def handler(req, ctx):
    return {"status": 200, "body": {"version": VERSION}}
""",
}


class Project:
    """A project on disk, and the core that serves it with reload."""

    def __init__(self, root: Path, core: RunningCore) -> None:
        self.root = root
        self.core = core
        self.client = httpx.Client(base_url=core.url, timeout=10)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def body(self, path: str) -> object:
        response = self.client.get(path)
        return response.json() if response.status_code == 200 else response.status_code

    def becomes(self, path: str, expected: object) -> None:
        """Wait until a path answers this."""
        until(lambda: self.body(path) == expected, lambda: f"{path} answers {self.body(path)}: {self.reloads()[-2:]}")

    def reloads(self) -> list[dict[str, object]]:
        return [record for record in list(self.core.records) if record.get("event") == "reloaded"]

    def reloaded(self, times: int) -> dict[str, object]:
        """Wait for so many reloads since the start; the last of them."""
        until(lambda: len(self.reloads()) >= times, lambda: f"reloads: {self.reloads()}")
        return self.reloads()[times - 1]


def until(holds: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    limit_s = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < limit_s, otherwise()
        time.sleep(0.01)


@contextmanager
def serving(tmp_path: Path, files: dict[str, str]) -> Iterator[Project]:
    root = tmp_path / "project"
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with running_core(root, tmp_path / "data", {"MOTIA_RELOAD": "true"}) as core:
        project = Project(root, core)
        try:
            yield project
        finally:
            project.client.close()


BOTH = {
    "steps/a.step.ts": API["ts"],
    "lib/version.ts": "export const version = 1\n",
    "steps/a_step.py": API["py"],
    "lib/version.py": "VERSION = 1\n",
}


def test_what_is_imported_is_loaded_again_in_its_language_only(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        project.write("lib/version.ts", "export const version = 2\n")
        project.becomes("/ts", {"version": 2})
        assert project.reloaded(1)["loaded"] == ["node"]
        project.write("lib/version.py", "VERSION = 2\n")
        project.becomes("/py", {"version": 2})
        last = project.reloaded(2)
        assert (last["loaded"], last["files"], last["kept"]) == (["python"], ["lib/version.py"], [])


def test_a_file_that_nobody_imports_is_no_change(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        project.write("lib/other.ts", "export const other = 1\n")
        project.write("data.json", "{}")
        project.write("notes.md", "# notes")
        project.write("lib/version.py", "VERSION = 2\n")  # a change, for something to wait for
        project.becomes("/py", {"version": 2})
        assert [reload["loaded"] for reload in project.reloads()] == [["python"]]


@pytest.mark.parametrize(("path", "route"), [("steps/a.step.ts", "/ts"), ("steps/a_step.py", "/py")])
def test_broken_file_keeps_the_version_before_until_it_is_whole(path: str, route: str, tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        whole = (project.root / path).read_text()
        project.write(path, f"{whole}\n}} this is no code (\n")
        first = project.reloaded(1)
        assert first["kept"] == first["loaded"] != []
        [problem] = first["problems"]  # type: ignore[misc]
        assert (problem["file"], problem["severity"]) == (path, "error")  # type: ignore[index]
        assert project.body(route) == {"version": 1}
        known = project.client.get("/__motia/problems").json()
        assert (known["problems"][0]["file"], known["kept"]) == (path, first["kept"])
        project.write(path, whole.replace(route, f"{route}-again"))
        project.becomes(f"{route}-again", {"version": 1})
        assert project.body(route) == 404
        assert project.client.get("/__motia/problems").json()["problems"] == []


def test_broken_import_is_healed_by_the_file_that_is_missing(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        (project.root / "lib/version.ts").unlink()
        assert project.reloaded(1)["kept"] == ["node"]
        assert project.body("/ts") == {"version": 1}
        project.write("lib/version.ts", "export const version = 3\n")
        project.becomes("/ts", {"version": 3})


def test_config_that_breaks_a_rule_keeps_the_version_before(tmp_path: Path) -> None:
    cron = "config = {'type': 'cron', 'name': 'C', 'cron': '0 9 * * *', 'emits': []}\nasync def handler(ctx): ...\n"
    with serving(tmp_path, {**BOTH, "steps/c_step.py": cron}) as project:
        project.replace("steps/c_step.py", "0 9 * * *", "at nine")
        assert project.reloaded(1)["kept"] == ["python"]
        assert [step["name"] for step in project.client.get("/__motia/cron").json()["cron"]] == ["C"]


def test_new_file_that_is_broken_holds_nobody_up(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        project.write("steps/new.step.ts", "export const config = {")
        first = project.reloaded(1)
        assert (first["loaded"], first["kept"]) == (["node"], [])
        project.write("lib/version.ts", "export const version = 2\n")
        project.becomes("/ts", {"version": 2})


def test_files_come_move_and_go(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        project.write("steps/deep/er/b.step.ts", API["ts"].replace("../lib", "../../../lib").replace("/ts", "/b"))
        project.becomes("/b", {"version": 1})
        (project.root / "steps/deep/er/b.step.ts").rename(project.root / "steps/deep/er/c.step.ts")
        project.replace("steps/deep/er/c.step.ts", "/b", "/c")
        project.becomes("/c", {"version": 1})
        assert project.body("/b") == 404
        shutil.rmtree(project.root / "steps/deep")
        project.becomes("/c", 404)
        assert project.body("/ts") == {"version": 1}


def test_language_comes_and_goes(tmp_path: Path) -> None:
    only_python = {path: text for path, text in BOTH.items() if path.endswith(".py")}
    with serving(tmp_path, only_python) as project:
        project.write("lib/version.ts", BOTH["lib/version.ts"])
        project.write("steps/a.step.ts", BOTH["steps/a.step.ts"])
        project.becomes("/ts", {"version": 1})
        (project.root / "steps/a.step.ts").unlink()
        project.becomes("/ts", 404)
        until(lambda: not project.core.sidecar_pids("node"), lambda: "the node sidecar is still there")
        assert project.body("/py") == {"version": 1}


def test_environment_and_config_count(tmp_path: Path) -> None:
    step = "import os\nconfig = {'type': 'api', 'name': 'E', 'method': 'GET', 'path': '/e', 'emits': []}\n"
    step += "NAME = os.environ.get('NAME')\nasync def handler(req, ctx):\n"
    step += "    return {'status': 200, 'body': {'name': NAME}}\n"
    with serving(tmp_path, {"steps/e_step.py": step}) as project:
        project.write(".env", "NAME=one\n")
        project.becomes("/e", {"name": "one"})
        project.write(".env", "NAME=two\n")
        project.becomes("/e", {"name": "two"})
        project.write(
            "motia.config.py",
            "async def stop(req, ctx, next):\n    return {'status': 418}\n\nconfig = {'middleware': [stop]}\n",
        )
        project.becomes("/e", 418)


def test_app_of_motia_config_comes_and_goes(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        hook = "app.get('/express', (req, res) => res.json({ hello: true }))"
        project.write("motia.config.ts", f"export default {{ app: (app) => {{ {hook} }} }}\n")
        project.becomes("/express", {"hello": True})
        assert project.body("/ts") == {"version": 1}
        (project.root / "motia.config.ts").unlink()
        project.becomes("/express", 404)


def test_many_files_at_once_are_one_change(tmp_path: Path) -> None:
    def files(version: int) -> dict[str, str]:
        own = {f"steps/s{n}_step.py": API["py"].replace("/py", f"/s{n}").replace('"Py"', f'"S{n}"') for n in range(150)}
        return {**own, "lib/version.py": f"VERSION = {version}\n"}

    root = tmp_path / "project"
    with serving(tmp_path, files(1)) as project:
        git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["checkout", "-qb", "two"]):
            subprocess.run([*git, *arguments], check=True)
        subprocess.run([*git, "rm", "-q", *(f"steps/s{n}_step.py" for n in range(100))], check=True)
        project.becomes("/s0", 404)
        project.reloaded(1)  # it is recorded after it is served
        before = len(project.reloads())
        for path, text in files(2).items():
            project.write(path, text)
        project.becomes("/s0", {"version": 2})
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "two"], check=True)
        subprocess.run([*git, "checkout", "-q", "-"], check=True)
        project.becomes("/s149", {"version": 1})
        assert project.body("/s0") == {"version": 1}
        project.reloaded(before + 2)
        assert len(project.reloads()) == before + 2


def test_no_request_fails_and_what_runs_ends_with_the_code_it_began_with(tmp_path: Path) -> None:
    slow = """
import asyncio
import pathlib

from lib.version import VERSION

config = {"type": "api", "name": "Slow", "method": "GET", "path": "/slow", "emits": []}


async def handler(req, ctx):
    pathlib.Path("../begun").touch()
    await asyncio.sleep(1.5)
    return {"status": 200, "body": {"version": VERSION}}
"""
    with serving(tmp_path, {**BOTH, "steps/slow_step.py": slow}) as project:
        failures: list[object] = []
        counts = {"/ts": 0, "/py": 0}
        over = threading.Event()

        def ask(route: str) -> None:
            with httpx.Client(base_url=project.core.url, timeout=30) as client:
                while not over.is_set():
                    response = client.get(route)
                    counts[route] += 1
                    if response.status_code != 200:
                        failures.append((route, response.status_code, response.text))

        slow_answer: list[object] = []
        threads = [threading.Thread(target=ask, args=(route,)) for route in counts]
        threads.append(threading.Thread(target=lambda: slow_answer.append(project.client.get("/slow").json())))
        for thread in threads:
            thread.start()
        until((tmp_path / "begun").exists, lambda: "the slow step was not called")
        until(lambda: min(counts.values()) > 20, lambda: str(counts))
        with httpx.Client(base_url=project.core.url) as client:
            for version in range(2, 8):
                project.write("lib/version.ts", f"export const version = {version}\n")
                project.write("lib/version.py", f"VERSION = {version}\n")
                for route in counts:
                    until(
                        lambda route=route, version=version: client.get(route).json() == {"version": version},
                        lambda: str(project.reloads()[-2:]),
                    )
        over.set()
        for thread in threads:
            thread.join(30)
        assert failures == []
        assert slow_answer == [{"version": 1}]
        until(lambda: len(project.core.sidecar_pids("python")) == 1, lambda: "an old sidecar has not left")


def test_events_go_on_through_a_reload(tmp_path: Path) -> None:
    step = """
import asyncio

from lib.version import VERSION

config = {"type": "event", "name": "Count", "subscribes": ["tick"], "emits": []}


async def handler(data, ctx):
    await asyncio.sleep(0.05)
    await ctx.state.update("counts", "all", [{"type": "increment", "path": ""}])
"""
    emit = """
config = {"type": "api", "name": "Emit", "method": "POST", "path": "/emit", "emits": ["tick"]}


async def handler(req, ctx):
    for number in range(100):
        await ctx.emit({"topic": "tick", "data": {"number": number}})
    return {"status": 200, "body": await ctx.state.get("counts", "all") or 0}
"""
    with serving(tmp_path, {**BOTH, "steps/count_step.py": step, "steps/emit_step.py": emit}) as project:
        for version in range(2, 5):
            assert project.client.post("/emit").status_code == 200
            project.write("lib/version.py", f"VERSION = {version}\n")
            project.becomes("/py", {"version": version})

        def count() -> object:
            items = project.client.get("/__motia/state/values", params={"group": "counts"}).json()["items"]
            return items[0]["value"] if items else 0

        until(lambda: count() == 300, lambda: f"{count()} of 300")
        runs = project.client.get("/__motia/runs", params={"status": "failed"}).json()["runs"]
        assert runs == []


def test_settings_need_a_restart_and_say_so(tmp_path: Path) -> None:
    with serving(tmp_path, BOTH) as project:
        project.write("motia.toml", "[queue]\nconcurrency = 3\n")
        until(
            lambda: any("motia.toml has changed" in str(record.get("message")) for record in project.core.records),
            lambda: str(project.core.records[-3:]),
        )


def test_dev_serves_a_project_whose_first_step_is_still_to_come(tmp_path: Path) -> None:
    with serving(tmp_path, {"README.md": "soon"}) as project:
        project.write("lib/version.py", "VERSION = 1\n")
        project.write("steps/a_step.py", API["py"])
        project.becomes("/py", {"version": 1})


def test_sidecar_that_dies_is_replaced_by_one_of_the_version_that_is_served(tmp_path: Path) -> None:
    import os
    import signal

    with serving(tmp_path, BOTH) as project:
        project.write("lib/version.py", "VERSION = 2\n")
        project.becomes("/py", {"version": 2})
        until(lambda: len(project.core.sidecar_pids("python")) == 1, lambda: "an old sidecar has not left")
        [pid] = project.core.sidecar_pids("python")
        os.kill(pid, signal.SIGKILL)
        until(lambda: project.core.sidecar_pids("python") not in ([], [pid]), lambda: "it was not replaced")
        project.becomes("/py", {"version": 2})
        project.write("lib/version.py", "VERSION = 3\n")
        project.becomes("/py", {"version": 3})


def test_files_that_handlers_read_count_when_the_step_includes_them(tmp_path: Path) -> None:
    step = """
from pathlib import Path

config = {
    "type": "api", "name": "T", "method": "GET", "path": "/t", "emits": [],
    "includeFiles": ["./texts/*.json", "../x.json"],
}
TEXT = (Path(__file__).parent / "texts" / "hello.json").read_text()


async def handler(req, ctx):
    return {"status": 200, "body": {"text": TEXT}}
"""
    with serving(tmp_path, {"steps/t_step.py": step, "steps/texts/hello.json": '"one"'}) as project:
        project.write("steps/texts/hello.json", '"two"')
        project.becomes("/t", {"text": '"two"'})
