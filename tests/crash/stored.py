"""What is in a store, read from outside while cores run, or after they have died."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Executable, NullPool, create_engine, select, text

from motia_core.store.tables import dead_letters, deliveries, progress, state, unique_keys, waits


class Stored:
    """Reads tables, each time anew.

    Args:
        place: The data directory of a core, or the URL of the database that cores share.
    """

    def __init__(self, place: Path | str) -> None:
        if isinstance(place, Path):
            url = f"sqlite:///file:{place / 'motia.db'}?mode=ro&uri=true"
        else:
            url = place.replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(url, poolclass=NullPool)

    def rows(self, query: Executable) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def deliveries(self) -> list[tuple[str, Any]]:
        """Step and data of all deliveries."""
        rows = self.rows(select(deliveries.c.step_id, deliveries.c.data))
        return [(step, orjson.loads(data or b"null")) for step, data in rows]

    def dead(self) -> list[tuple[str, Any]]:
        """Step and data of all dead letters."""
        rows = self.rows(select(dead_letters.c.step_id, dead_letters.c.data))
        return [(step, orjson.loads(data or b"null")) for step, data in rows]

    def last_failures(self) -> dict[Any, str]:
        """Why each dead letter was given up, by the "id" in its data."""
        rows = self.rows(select(dead_letters.c.data, dead_letters.c.failures))
        return {orjson.loads(data)["id"]: failures.splitlines()[-1] for data, failures in rows}

    def group(self, group: str) -> dict[str, Any]:
        """A group of state."""
        rows = self.rows(select(state.c.key, state.c.value).where(state.c.group_id == group))
        return {key: orjson.loads(value) for key, value in rows}

    def due_times(self, step: str) -> list[int]:
        """The due times of a cron step that were decided, in order."""
        rows = self.rows(select(unique_keys.c.key).where(unique_keys.c.scope == "cron"))
        return sorted(int(key.rpartition("@")[2]) for (key,) in rows if key.startswith(f"{step}@"))

    def waiting(self) -> list[str]:
        """What is unfinished, in words."""
        counted = Counter(self.rows(select(deliveries.c.step_id, deliveries.c.attempt)))
        lines = [f"{count} deliveries of {step}, attempt {attempt}" for (step, attempt), count in counted.items()]
        for row in self.rows(select(deliveries).order_by(deliveries.c.id).limit(10)):
            due = f"due at {row.due_ms}" if row.due_ms else "due"
            place = f"lane {row.lane!r} shard {row.shard}"
            lines.append(f"  {row.id} {row.step_id} attempt {row.attempt} {due} {place}: {row.data!r}")
            lines += [f"    failures: {row.failures[-300:]}"] if row.failures else []
            of_row = progress.c.delivery_id == row.id
            lines += [f"    remembers {key}: {value!r}" for _, key, value in self.rows(select(progress).where(of_row))]
            waiting = self.rows(select(waits).where(waits.c.delivery_id == row.id))
            lines += [f"    waits for {wait.topic} {wait.match!r} since {wait.since_id}" for wait in waiting]
        counted = Counter(self.rows(select(dead_letters.c.step_id)))
        return lines + [f"{count} dead letters of {step}" for (step,), count in counted.items()]


class Remains:
    """A copy of what a dead core has left, to be read without touching it. Close it."""

    def __init__(self, data: Path) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="motia-remains-")
        for path in data.glob("motia.db*"):
            shutil.copy(path, self._scratch.name)
        self.stored = Stored(Path(self._scratch.name))

    def __enter__(self) -> Stored:
        return self.stored

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()


@contextmanager
def settled(url: str) -> Iterator[Stored]:
    """A database, when nothing that a dead core has asked of it is still being done."""
    stored = Stored(url)
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 10
    while stored.rows(others)[0][0]:
        assert time.monotonic() < deadline, "a dead core is still connected"
        time.sleep(0.01)
    yield stored
