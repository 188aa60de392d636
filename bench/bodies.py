"""`python -m bench.bodies`: what validation costs; uploads, downloads and server-sent events against FastAPI."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from bench.__main__ import wrk
from bench.servers import HERE, Server, fastapi, motia, tree_memory_mib

PROJECT = HERE / "bodies_project"
MIB = 1024 * 1024
SIZE = 100 * MIB
ROUNDS = 5
STREAMS = 1000


async def validation() -> None:
    """The same route with and without its schema in force, in turns."""
    modes = [{"MOTIA_VALIDATION_MODE": mode} for mode in ("off", "strict")]
    async with motia(PROJECT, settings=modes[0]) as off, motia(PROJECT, settings=modes[1]) as strict:
        for language in ("ts", "py"):
            rates: dict[str, list[float]] = {"off": [], "strict": []}
            for number in range(ROUNDS + 1):
                servers = [("off", off), ("strict", strict)]
                for name, server in servers if number % 2 else reversed(servers):
                    load = await wrk(f"{server.url}/{language}/orders", 64, 3, script="bench/orders.lua")
                    assert load.errors == 0
                    if number:
                        rates[name].append(load.requests_s)
            ratio = statistics.median(s / o for s, o in zip(rates["strict"], rates["off"], strict=True))
            shown = "  ".join(f"{name} {statistics.median(values):,.0f}/s" for name, values in rates.items())
            print(f"  validation {language}: {shown}  {ratio:.3f}x")


async def bodies() -> None:
    """100 MiB in and out, with the memory that it takes."""
    settings = {"MOTIA_HTTP_MAX_UPLOAD_BYTES": "200MiB"}
    async with motia(PROJECT, settings=settings) as ours, fastapi() as peer:
        for what, move in (("upload", _upload), ("download", _download)):
            base = 0.0
            for name, server, path in (
                ("FastAPI", peer, f"/{what}"),
                ("TypeScript", ours, f"/ts/{what}"),
                ("Python", ours, f"/py/{what}"),
            ):
                await move(server.url + path)
                took: list[float] = []
                async with _peak(server) as grown:
                    for _ in range(ROUNDS):
                        began = time.monotonic()
                        await move(server.url + path)
                        took.append(time.monotonic() - began)
                seconds = statistics.median(took)
                base = base or seconds
                memory = "  ".join(f"{process} +{mib:.0f}" for process, mib in grown.items())
                print(f"  {what} 100 MiB {name:<11}{seconds:6.2f} s  {seconds / base:5.2f}x  MiB: {memory}")


async def _upload(url: str) -> None:
    frame = b"--frontier\r\n"
    head = (
        b'Content-Disposition: form-data; name="f"; filename="f.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )

    async def content() -> AsyncIterator[bytes]:
        yield frame + head
        block = b"x" * 65536
        for _ in range(SIZE // len(block)):
            yield block
        yield b"\r\n--frontier--\r\n"

    length = len(frame) + len(head) + SIZE + len(b"\r\n--frontier--\r\n")
    headers = {"content-type": "multipart/form-data; boundary=frontier", "content-length": str(length)}
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(url, content=content(), headers=headers)
    assert answer.json()["size"] == SIZE, answer.text


async def _download(url: str) -> None:
    size = 0
    async with httpx.AsyncClient(timeout=60) as client, client.stream("GET", url) as response:
        async for block in response.aiter_raw():
            size += len(block)
    assert size == SIZE


@asynccontextmanager
async def _peak(server: Server) -> AsyncIterator[dict[str, float]]:
    """How much each process grows at most meanwhile; filled in at the end."""
    before = tree_memory_mib(server.pid)
    most = dict(before)
    grown: dict[str, float] = {}

    async def watch() -> None:
        while True:
            for process, mib in tree_memory_mib(server.pid).items():
                most[process] = max(most.get(process, 0), mib)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    try:
        yield grown
    finally:
        watching.cancel()
        grown.update({process: most[process] - before.get(process, 0) for process in most})


async def events() -> None:
    """A thousand clients of server-sent events, one event a second each."""
    async with motia(PROJECT) as ours:
        for language in ("ts", "py"):
            before = tree_memory_mib(ours.pid)
            late: list[float] = []
            async with asyncio.TaskGroup() as group:
                readers = [group.create_task(_read(f"{ours.url}/{language}/ticks", late)) for _ in range(STREAMS)]
                await asyncio.sleep(12)
                after = tree_memory_mib(ours.pid)
                for reader in readers:
                    reader.cancel()
            late.sort()
            memory = "  ".join(f"{name} +{after[name] - before.get(name, 0):.0f}" for name in after)
            p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
            lateness = f"p50 {p50:.1f} ms  p99 {p99:.1f} ms"
            print(f"  {STREAMS} streams {language}: {len(late):,} events  {lateness}  MiB: {memory}")


async def _read(url: str, late: list[float]) -> None:
    """Notes in milliseconds how late events are, once all streams are open."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                event = json.loads(line[6:])
                if event["n"] >= 4:
                    late.append(time.time() * 1000 - event["at"])
    finally:
        writer.close()


PARTS: dict[str, Callable[[], Awaitable[None]]] = {"validation": validation, "bodies": bodies, "events": events}


async def main(parts: list[str]) -> None:
    for part in parts or PARTS:
        await PARTS[part]()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when left out")
    asyncio.run(main(parser.parse_args().parts))
