"""How many no-op invocations a sidecar does, and how long one takes.

Usage: python sdk-python/bench/invocations.py [SECONDS]

The core here is as thin as one can be; it runs in this process, the sidecar in another one.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

SDK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SDK))

from motia._gen.motia.v1 import lifecycle_pb2, manifest_pb2, sidecar_pb2  # noqa: E402

STEPS = {
    "async_step.py": "async def handler(req, ctx):\n    return {'status': 200, 'body': {'message': 'hello'}}\n",
    "sync_step.py": "def handler(req, ctx):\n    return {'status': 200, 'body': {'message': 'hello'}}\n",
    "emit_step.py": "async def handler(req, ctx):\n    await ctx.emit({'topic': 't', 'data': {'n': 1}})\n"
    "    return {'status': 200, 'body': {'message': 'hello'}}\n",
}
CONFIG = "config = {'type': 'api', 'name': 'bench', 'path': '/', 'method': 'GET', 'emits': []}\n"
HEADERS = ["host", "localhost:3000", "user-agent", "wrk", "accept", "*/*"]


class Core:
    """Keeps a number of invocations in flight and counts."""

    def __init__(self, root: Path, seconds: float) -> None:
        self.root = root
        self.seconds = seconds
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.template = b""

    def message(self, *frames: sidecar_pb2.CoreFrame) -> bytes:
        return sidecar_pb2.SessionResponse(frames=frames).SerializeToString()

    async def session(self, requests: AsyncIterator[bytes], context: Any) -> None:
        self.next_id = 0
        self.requests = requests
        self.context = context
        await anext(requests)
        welcome = lifecycle_pb2.Welcome(
            revision=1, session_id="s", api_slots=64, background_slots=64, heartbeat_interval_ms=60_000
        )
        files = [manifest_pb2.SourceFile(path=path, kind=manifest_pb2.FILE_KIND_STEP) for path in STEPS]
        load = manifest_pb2.Load(project_root=str(self.root), files=files, digest="d")
        await context.write(self.message(sidecar_pb2.CoreFrame(welcome=welcome), sidecar_pb2.CoreFrame(load=load)))
        async for data in requests:
            for frame in sidecar_pb2.SessionRequest.FromString(data).frames:
                kind = frame.WhichOneof("frame")
                if kind == "loading":
                    ack = manifest_pb2.LoadingAck(path=frame.loading.path)
                    await context.write(self.message(sidecar_pb2.CoreFrame(loading_ack=ack)))
                elif kind == "manifest":
                    break
            else:
                continue
            break
        for step in STEPS:
            for in_flight in (1, 8, 64):
                await self.run(step, in_flight, self.seconds)
        self.done.set_result(None)

    def invoke(self, step: str) -> sidecar_pb2.CoreFrame:
        self.next_id += 1
        frame = sidecar_pb2.CoreFrame()
        invoke = frame.invoke
        invoke.invocation_id = self.next_id
        invoke.lease_token = 1
        invoke.attempt = invoke.max_attempts = 1
        invoke.step = step
        invoke.manifest_digest = "d"
        invoke.pool = lifecycle_pb2.POOL_API
        invoke.trace_id = "Q7KPD-4821907"
        invoke.http.method = "GET"
        invoke.http.path = "/"
        invoke.http.headers.extend(HEADERS)
        return frame

    async def run(self, step: str, in_flight: int, seconds: float) -> None:
        read, write = self.requests.__anext__, self.context.write
        count = 0
        times: list[float] = []
        start = time.perf_counter()
        cpu = sidecar_cpu(self.pid)
        await write(self.message(*(self.invoke(step) for _ in range(in_flight))))
        sent = time.perf_counter()
        running = in_flight
        while running:
            completed = 0
            out = []
            for frame in sidecar_pb2.SessionRequest.FromString(await read()).frames:
                kind = frame.WhichOneof("frame")
                if kind == "complete":
                    assert frame.complete.http.status == 200, frame
                    completed += 1
                elif kind == "call":
                    reply = sidecar_pb2.CoreFrame()
                    reply.call_reply.call_id = frame.call.call_id
                    reply.call_reply.value = b"null"
                    out.append(reply)
            now = time.perf_counter()
            if completed and in_flight == 1:
                times.append(now - sent)
            count += completed
            running -= completed
            if now - start < seconds:
                out += [self.invoke(step) for _ in range(completed)]
                running += completed
            if out:
                sent = time.perf_counter() if completed else sent
                await write(self.message(*out))
        elapsed = time.perf_counter() - start
        used = sidecar_cpu(self.pid) - cpu
        line = f"{step:14} {in_flight:3} in flight  {count / elapsed:9,.0f}/s"
        line += f"  sidecar CPU {used / count * 1e6:5.1f} µs each"
        if times:
            times.sort()
            p99 = times[len(times) * 99 // 100]
            line += f"  round trip p50 {statistics.median(times) * 1e3:.3f} ms  p99 {p99 * 1e3:.3f} ms"
        print(line, flush=True)


def sidecar_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in STEPS.items():
            (root / name).write_text(CONFIG + text)
        core = Core(root, seconds)
        server = grpc.aio.server()
        handlers = {"Session": grpc.stream_stream_rpc_method_handler(core.session)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("motia.v1.SidecarService", handlers),))
        server.add_insecure_port(f"unix://{root}/core.sock")
        await server.start()
        command = [sys.executable, *os.environ.get("BENCH_PYTHON_ARGS", "").split(), "-m", "motia"]
        env = {**os.environ, "PYTHONPATH": str(SDK), "MOTIA_SIDECAR_ADDRESS": f"unix://{root}/core.sock"}
        process = await asyncio.create_subprocess_exec(*command, cwd=root, env=env, stdin=asyncio.subprocess.PIPE)
        core.pid = process.pid
        await asyncio.wait({core.done, asyncio.ensure_future(process.wait())}, return_when=asyncio.FIRST_COMPLETED)
        process.kill()
        await process.wait()
        await server.stop(None)


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
