"""What the store costs, as ratios to plain sqlite3 on the same disk. Run by hand: python bench/store_bench.py [DIR]"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import uvloop

from motia_core.model.event import Delivery
from motia_core.model.trace import AttemptRecord, TraceContext
from motia_core.settings import Settings
from motia_core.store import Store, open_store
from motia_core.store.delivery_rows import FIELDS, to_row

CALLERS = 64
PAIRS = 60_000
DATA = b'{"orderId":"Q7KPD-4821907","amount":12.5,"items":[1,2,3],"note":"' + b"x" * 120 + b'"}'
TRACE = TraceContext("Q7KPD-4821907", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
_ids = count(time.time_ns() // 1_000_000 * 4096)


def delivery() -> Delivery:
    return Delivery(next(_ids), "order.created", "ProcessOrder", DATA, TRACE, 1_700_000_000_000, 0)


def record() -> AttemptRecord:
    return AttemptRecord(
        next(_ids), TRACE.trace_id, 0, "ProcessOrder", "event", "order.created", 1, "completed",
        1_700_000_000_000, 812, "", "", TRACE.traceparent, 0, 200, "", 0, 0,
    )  # fmt: skip


def fdatasync_us(directory: Path) -> float:
    """One fdatasync after overwriting a page, as a commit does."""
    descriptor = os.open(directory / "fsync", os.O_RDWR | os.O_CREAT)
    os.pwrite(descriptor, b"x" * 4096 * 500, 0)
    os.fsync(descriptor)

    def once(turn: int) -> float:
        os.pwrite(descriptor, b"y" * 4096, 4096 * turn)
        start = time.perf_counter()
        os.fdatasync(descriptor)
        return (time.perf_counter() - start) * 1e6

    took = median(once(turn) for turn in range(500))
    os.close(descriptor)
    return took


def raw_connection(path: Path) -> tuple[sqlite3.Connection, str]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    columns = ", ".join(f"{name} INTEGER PRIMARY KEY" if name == "id" else name for name in FIELDS)
    connection.execute(f"CREATE TABLE deliveries ({columns})")
    connection.execute("CREATE INDEX by_step ON deliveries (step_id, id)")
    return connection, f"INSERT INTO deliveries VALUES ({', '.join('?' * len(FIELDS))})"


def raw_pairs_s(directory: Path, batch: int) -> float:
    """The same rows written and deleted by one thread that does nothing else; a commit per batch of each."""
    connection, insert = raw_connection(directory / f"raw{batch}.db")
    turns = min(PAIRS // batch, 2_000)
    start = time.perf_counter()
    for _ in range(turns):
        rows = [to_row(delivery()) for _ in range(batch)]
        connection.execute("BEGIN")
        connection.executemany(insert, rows)
        connection.execute("COMMIT")
        connection.execute("BEGIN")
        connection.executemany("DELETE FROM deliveries WHERE id = ?", [row[:1] for row in rows])
        connection.execute("COMMIT")
    return turns * batch / (time.perf_counter() - start)


def raw_enqueue_us(directory: Path) -> float:
    connection, insert = raw_connection(directory / "raw.db")

    def once() -> float:
        start = time.perf_counter()
        connection.execute(insert, to_row(delivery()))
        return (time.perf_counter() - start) * 1e6

    return median(once() for _ in range(1_000))


async def pairs(store: Store, each: int, between: Callable[[], None] | None = None) -> tuple[float, float]:
    """Enqueue and complete with CALLERS in flight: pairs a second, and µs of the loop's thread per operation."""

    async def caller() -> None:
        for _ in range(each):
            one = delivery()
            await store.queue.enqueue([one])
            if between:
                between()
            await store.queue.complete(one)

    start, cpu = time.perf_counter(), time.thread_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    operations = each * CALLERS * 2
    return operations / 2 / (time.perf_counter() - start), (time.thread_time() - cpu) * 1e6 / operations


async def latencies_us(operation: Callable[[], Awaitable[object]], times: int = 1_000) -> tuple[float, float]:
    """p50 and p99 of one operation at a time."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        await operation()
        took.append((time.perf_counter() - start) * 1e6)
    return median(took), quantiles(took, n=100)[98]


def spin(us: float) -> None:
    """Python work that never lets go of the GIL by itself."""
    until = time.perf_counter() + us / 1e6
    while time.perf_counter() < until:
        pass


async def busy_us(operation: Callable[[], Awaitable[object]], turn_us: float) -> tuple[float, float]:
    """The same while the loop is never idle: each of its turns takes so long."""

    async def hog() -> None:
        while True:
            spin(turn_us)
            await asyncio.sleep(0)

    task = asyncio.create_task(hog())
    took = await latencies_us(operation, 300)
    task.cancel()
    return took


async def measure(directory: Path) -> None:
    sync_us, raw_us, raw = fdatasync_us(directory), raw_enqueue_us(directory), raw_pairs_s(directory, CALLERS)
    print(f"fdatasync {sync_us:.0f} µs; plain sqlite3: enqueue {raw_us:.0f} µs, {raw:,.0f} pairs/s by {CALLERS}")
    store = await open_store(Settings(project=directory))
    await pairs(store, 50)
    recorded: list[AttemptRecord] = []

    def gather() -> None:  # as the engine does
        recorded.append(record())
        if len(recorded) == 250:
            store.traces.record(recorded.copy())
            recorded.clear()

    async def enqueue() -> None:
        await store.queue.enqueue([delivery()])

    async def get() -> None:
        await store.state.get("group", "key")

    p50, p99 = await latencies_us(enqueue)
    print(f"enqueue, one in flight: p50 {p50:.0f} µs, p99 {p99:.0f} µs; {p50 / raw_us:.2f} of plain sqlite3")
    rate, cpu = await pairs(store, PAIRS // CALLERS)
    print(f"enqueue + complete, {CALLERS} in flight: {rate:,.0f} pairs/s ({rate / raw:.2f} of plain sqlite3),", end=" ")
    print(f"{cpu:.1f} µs of the loop per operation")
    rate, cpu = await pairs(store, PAIRS // CALLERS, gather)
    print(f"the same with an attempt recorded in each: {rate:,.0f} pairs/s ({store.traces.dropped} dropped),", end=" ")
    print(f"{cpu:.1f} µs of the loop per operation")
    p50, p99 = await latencies_us(get)
    print(f"state get, one in flight: p50 {p50:.0f} µs, p99 {p99:.0f} µs")
    for name, operation in (("enqueue", enqueue), ("state get", get)):
        p50, p99 = await busy_us(operation, 300)
        print(f"{name}, the loop busy in turns of 300 µs: p50 {p50:.0f} µs, p99 {p99:.0f} µs")
    p50, p99 = await latencies_us(lambda: store.queue.read_due("ProcessOrder", [0], after=(-1_000, 0), limit=500), 50)
    print(f"read of 500 deliveries: p50 {p50:.0f} µs")
    await store.close()


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else ".") as directory:
        uvloop.run(measure(Path(directory)))


if __name__ == "__main__":
    main()
