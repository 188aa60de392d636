"""Two cores on one PostgreSQL, as an operator runs them: restarted one after the other under load, killed, frozen, and
with a database that goes away and comes back."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.conformance.core import RunningCore
from tests.fakes.postgres import PostgresServer

LEASE_MS = 1_500

STEPS = {
    "order_step.py": """
config = {"type": "api", "name": "Order", "method": "POST", "path": "/order", "emits": ["ordered"]}


async def handler(req, context):
    number, group = req["body"]["number"], req["body"]["group"]
    await context.emit({"topic": "ordered", "data": {"number": number, "group": group}, "messageGroupId": group})
    return {"status": 200, "body": {"number": number}}
""",
    "ship_step.py": """
config = {
    "type": "event", "name": "Ship", "subscribes": ["ordered"], "emits": [], "atomic": True,
    "infrastructure": {"queue": {"type": "fifo", "maxRetries": 10}},
}


async def handler(input, context):
    add = [{"type": "append", "path": "", "value": input["number"]}]
    await context.state.update("shipped", input["group"], add)
""",
    "count_step.py": """
config = {"type": "event", "name": "Count", "subscribes": ["ordered"], "emits": [], "atomic": True}


async def handler(input, context):
    await context.state.update("counted", "all", [{"type": "increment", "path": "", "by": 1}])
""",
    "result_step.py": """
config = {"type": "api", "name": "Result", "method": "GET", "path": "/result", "emits": []}


async def handler(req, context):
    shipped = {group: await context.state.get("shipped", group) for group in "abc"}
    return {"status": 200, "body": {"shipped": shipped, "counted": await context.state.get("counted", "all")}}
""",
}


class Cluster:
    """Cores on a database, and clients that use whichever they reach."""

    def __init__(self, directory: Path, url: str) -> None:
        self._directory = directory
        self._url = url
        self._numbers = itertools.count()
        self.cores: list[RunningCore] = []
        self.acknowledged: dict[str, list[int]] = {"a": [], "b": [], "c": []}
        self.failed: list[str] = []
        self._stopped = threading.Event()
        self._clients: list[threading.Thread] = []

    def start(self) -> RunningCore:
        project = self._directory / f"core{next(self._numbers)}"
        (project / "steps").mkdir(parents=True)
        for name, source in STEPS.items():
            (project / "steps" / name).write_text(source)
        settings = {"MOTIA_STORE_URL": self._url, "MOTIA_STORE_LEASE_MS": str(LEASE_MS)}
        core = RunningCore(project, project / ".motia", settings)
        self.cores.append(core)
        return core

    def stop(self, core: RunningCore, number: signal.Signals = signal.SIGTERM) -> int:
        self.cores.remove(core)
        return core.stop(number)

    def load(self) -> None:
        """Orders of three groups, each group's one after the other, until `unload`."""
        for group in self.acknowledged:
            thread = threading.Thread(target=self._order, args=(group,))
            thread.start()
            self._clients.append(thread)

    def unload(self) -> None:
        self._stopped.set()
        for client in self._clients:
            client.join()

    def _order(self, group: str) -> None:
        with httpx.Client(timeout=20) as client:
            for number in itertools.count():
                if self._stopped.is_set():
                    return
                self._send(client, group, number)

    def _send(self, client: httpx.Client, group: str, number: int) -> None:
        deadline = time.monotonic() + 20
        for turn in itertools.count(number):
            try:
                core = self.cores[turn % len(self.cores)]
                answer = client.post(f"{core.url}/order", json={"group": group, "number": number})
            except (httpx.ConnectError, IndexError, ZeroDivisionError):  # as a balancer does: take another
                if time.monotonic() > deadline:
                    self.failed.append(f"{group}{number}: nobody answers")
                    return
                time.sleep(0.005)
                continue
            except httpx.HTTPError as error:
                self.failed.append(f"{group}{number}: {error!r}")
                return
            if answer.status_code == 200:
                self.acknowledged[group].append(number)
            else:
                self.failed.append(f"{group}{number}: {answer.status_code} {answer.text}")
            return

    def until_cores(self, number: int) -> None:
        """Wait until so many cores count as living."""
        deadline = time.monotonic() + 20
        with psycopg.connect(self._url, autocommit=True) as connection:
            while (found := connection.execute("SELECT count(*) FROM cores").fetchone()) != (number,):
                assert time.monotonic() < deadline, found
                time.sleep(0.05)

    def result(self, within_s: float = 20) -> dict[str, list[int]]:
        """What was shipped, when everything that was acknowledged has been."""
        deadline = time.monotonic() + within_s
        expected = sum(map(len, self.acknowledged.values()))
        while True:
            body = httpx.get(f"{self.cores[0].url}/result", timeout=10).json()
            shipped: dict[str, list[int]] = {group: numbers or [] for group, numbers in body["shipped"].items()}
            if sum(map(len, shipped.values())) >= expected and (body["counted"] or 0) >= expected:
                assert body["counted"] == sum(map(len, shipped.values()))
                return shipped
            assert time.monotonic() < deadline, (expected, body["counted"], {g: len(n) for g, n in shipped.items()})
            time.sleep(0.05)


@pytest.fixture
def cluster(postgres: PostgresServer, tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path, postgres.new_database())
    try:
        yield cluster
    finally:
        cluster.unload()
        for core in list(cluster.cores):
            os.kill(core.process.pid, signal.SIGCONT)
            cluster.stop(core)


def test_rolling_restart_fails_no_request_and_keeps_the_order(cluster: Cluster) -> None:
    running = [cluster.start(), cluster.start()]
    cluster.load()
    for core in running:
        time.sleep(0.5)
        following = cluster.start()
        assert cluster.stop(core) == 0
        assert following.process.poll() is None
    time.sleep(0.5)
    cluster.unload()
    assert cluster.failed == []
    assert all(len(numbers) > 50 for numbers in cluster.acknowledged.values())
    assert cluster.result() == cluster.acknowledged  # nothing lost, nothing twice, in order


def test_killed_core_is_followed_by_the_other(cluster: Cluster) -> None:
    killed, living = cluster.start(), cluster.start()
    cluster.load()
    time.sleep(1)
    cluster.stop(killed, signal.SIGKILL)
    time.sleep(1)
    cluster.unload()
    shipped = cluster.result()
    for group, numbers in shipped.items():
        assert sorted(set(numbers)) == sorted(numbers)
        assert [number for number in numbers if number in set(cluster.acknowledged[group])] == cluster.acknowledged[
            group
        ]
    assert len(cluster.failed) <= 3  # what was in flight
    assert living.process.poll() is None


def test_frozen_core_that_wakes_writes_nothing_and_ends(cluster: Cluster) -> None:
    frozen, living = cluster.start(), cluster.start()
    for number in range(30):
        for core in (frozen, living):
            body = {"group": "a", "number": 2 * number + (core is living)}
            assert httpx.post(f"{core.url}/order", json=body).status_code == 200
            cluster.acknowledged["a"].append(body["number"])  # type: ignore[arg-type]  # a number
    os.kill(frozen.process.pid, signal.SIGSTOP)
    cluster.cores.remove(frozen)
    cluster.cores.insert(0, living)
    cluster.cores.pop()
    shipped = cluster.result()
    assert shipped["a"] == cluster.acknowledged["a"]
    cluster.until_cores(1)  # it may have had nothing left to take over
    os.kill(frozen.process.pid, signal.SIGCONT)
    assert frozen.process.wait(20) == 1
    frozen.stop()
    assert any("renew its lease" in str(record.get("message")) for record in frozen.records)
    assert cluster.result() == shipped


def test_database_goes_away_and_comes_back(cluster: Cluster, tmp_path: Path) -> None:
    from tests.fakes.postgres import binaries

    programs = binaries()
    assert programs is not None
    server = PostgresServer(programs)
    try:
        server.start()
        cluster._url = server.new_database()
        cores = [cluster.start(), cluster.start()]
        cluster.load()
        for how in (signal.SIGINT, signal.SIGQUIT):
            time.sleep(0.5)
            server.stop(how)
            time.sleep(0.5)
            refused = httpx.post(f"{cores[0].url}/order", json={"group": "c", "number": -1}, timeout=20)
            assert refused.status_code >= 500
            server.start()
            time.sleep(LEASE_MS / 1000)
        cluster.unload()
        shipped = cluster.result()
        for group, numbers in shipped.items():
            known = set(cluster.acknowledged[group])
            assert [number for number in numbers if number in known] == cluster.acknowledged[group]
            assert sorted(set(numbers)) == sorted(numbers)
        assert [core.process.poll() for core in cores] == [None, None]
        for core in cores:
            cluster.stop(core)
    finally:
        server.remove()
