"""kill -9 at every failpoint: no acknowledged emit is lost, nothing that was finished runs again, message groups stay
in order, atomic steps take effect once. Each crash is recovered from by a core that dies at the next point."""

from __future__ import annotations

import ast
import asyncio
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

import pytest

from motia_core.failpoints import POINTS
from tests.crash.rounds import Crash, Rounds
from tests.fakes.postgres import PostgresServer

pytestmark = pytest.mark.alone  # its cores run side by side and keep two processors busy

CORE = Path(__file__).parents[2] / "core" / "motia_core"
OLD_DELIVERIES = 3  # its dead letter is too old to be kept
OLD_DATABASE = Path(__file__).parents[1] / "unit" / "store" / "durable_0001.sql"

CHAINS: dict[str, dict[str, int]] = {  # points (and victims) with the latest turn, by how often they are passed
    "store alone": {"store.received": 60, "store.committing": 60, "store.committed": 60, "store.answered": 60},
    "waits": {
        "progress.storing": 20,
        "progress.stored": 20,
        "suspension.storing": 20,
        "suspension.stored": 20,
        "answer.storing": 10,
        "answer.stored": 10,
    },
    "store and core": {
        "store.received@core": 60,
        "store.committing@core": 60,
        "store.committed@core": 60,
        "store.received@both": 60,
        "store.committing@both": 60,
        "store.committed@both": 60,
        "store.sent": 60,
        "store.heard": 60,
    },
    "failures": {
        "retry.storing": 20,
        "retry.stored": 20,
        "burial.storing": 20,
        "burial.stored": 20,
        "redrive.moving": 2,
        "redrive.moved": 2,
    },
    "attempts": {
        "invoke.sending": 60,
        "invoke.sent": 60,
        "complete.received": 60,
        "completion.storing": 60,
        "completion.stored": 60,
        "complete_ack.sending": 60,
        "complete_ack.sent": 60,
    },
    "emits and calls": {
        "emit.storing": 60,
        "emit.stored": 60,
        "emit.answering": 40,
        "http.answered": 40,
        "call_reply.sending": 60,
        "call_reply.sent": 60,
    },
    "atomic steps and ticks": {
        "effects.staged": 40,
        "effects.committing": 40,
        "effects.committed": 40,
        "tick.deciding": 1,
        "tick.decided": 1,
    },
}
PAIRS = [*zip_longest(list(CHAINS)[::2], list(CHAINS)[1::2])]  # side by side: a core that starts needs one CPU
OF_SQLITE = ("store.answered", "store.sent", "store.heard")  # between the core and the store's process
OF_POSTGRESQL = {point for chain in CHAINS.values() for point in chain if "@" not in point} - {*OF_SQLITE}
AT_CREATION = ("schema.creating", "schema.created")
AT_MIGRATION = ("schema.migrating", "schema.migrated")


@pytest.mark.timeout(180)  # about 12 s on a machine that has nothing else to do
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " + ".join(filter(None, pair)))
def test_kill_at(pair: tuple[str, str | None], tmp_path: Path) -> None:
    turns = seeded()
    chains = {name: crashes(CHAINS[name], turns) for name in pair if name}
    asyncio.run(side_by_side(tmp_path, chains))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("half", [0, 1])
def test_kill_at_with_postgresql(half: int, postgres: PostgresServer, tmp_path: Path) -> None:
    points = {point: most for chain in CHAINS.values() for point, most in chain.items() if point in OF_POSTGRESQL}
    found = crashes(points, seeded())
    chains = {name: found[start::4] for name, start in (("one", half), ("other", half + 2))}
    asyncio.run(side_by_side(tmp_path, chains, postgres))


def seeded() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # shown when it fails
    return random.Random(seed)


async def side_by_side(directory: Path, chains: dict[str, list[Crash]], postgres: PostgresServer | None = None) -> None:
    async def chain(name: str, crashes: list[Crash]) -> None:
        scratch = directory / name.replace(" ", "-")
        scratch.mkdir()
        rounds = Rounds(scratch, postgres.new_database() if postgres else "")
        for crash in crashes:
            await rounds.crash(crash)
        await rounds.finish()

    async with asyncio.TaskGroup() as group:
        for name, crashes in chains.items():
            group.create_task(chain(name, crashes))


def crashes(points: dict[str, int], turns: random.Random) -> list[Crash]:
    found = []
    for setting, latest in points.items():
        point, _, victim = setting.partition("@")
        found.append(Crash(point, turns.randint(1, latest), victim or "self"))
    turns.shuffle(found)
    return found


def test_store_process_dies_and_the_core_goes_on(tmp_path: Path) -> None:
    """What was committed when it died is not known to have been: it must not be forgotten until the next start."""
    asyncio.run(Rounds(tmp_path).finish(store_deaths=8))


@pytest.mark.parametrize("points", [AT_CREATION, AT_MIGRATION], ids=["new", "old"])
def test_kill_at_the_schema_of_a_database_that_is(points: tuple[str, ...], tmp_path: Path) -> None:
    if points is AT_MIGRATION:
        (tmp_path / "data").mkdir()
        with closing(sqlite3.connect(tmp_path / "data" / "motia.db")) as connection:
            connection.executescript(OLD_DATABASE.read_text())

    async def scenario() -> None:
        rounds = Rounds(tmp_path)
        for point in points:
            await rounds.crash(Crash(point, 1))
        await rounds.finish()

    asyncio.run(scenario())
    with closing(sqlite3.connect(tmp_path / "data" / "motia.db")) as connection:
        [left] = connection.execute("SELECT count(*) FROM deliveries WHERE step_id IN ('Work', 'Other')").fetchone()
        assert left == (OLD_DELIVERIES if points is AT_MIGRATION else 0)


def test_every_point_is_somewhere_and_somebody_dies_there() -> None:
    passed = set(points_in_the_code())
    frames = {point for point in POINTS if re.fullmatch(r"\w+\.(sending|sent)", point)} - passed
    assert passed | frames == set(POINTS)
    assert frames == {
        f"{frame}.{how}" for frame in ("invoke", "call_reply", "complete_ack") for how in ("sending", "sent")
    }
    tried = {setting.partition("@")[0] for chain in CHAINS.values() for setting in chain}
    assert tried | {*AT_CREATION, *AT_MIGRATION} == set(POINTS)


def points_in_the_code() -> Iterator[str]:
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "passing":
                yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))
