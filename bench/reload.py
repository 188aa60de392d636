"""`python -m bench.reload`: from save to new answer, while a client asks without pause. Nothing may fail or grow."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from bench.servers import Server, motia, tree_memory_mib

STEPS = {
    "TypeScript": (
        "hello.step.ts",
        "import { z } from 'zod'\n"
        "export const config = { type: 'api', name: 'HelloTs', method: 'GET', path: '/TypeScript', emits: [],\n"
        "  responseSchema: { 200: z.object({ version: z.number() }) } }\n"
        "export const handler = async () => ({ status: 200, body: { version: VERSION } })\n",
    ),
    "Python": (
        "hello_step.py",
        "from pydantic import BaseModel\n\n\nclass Answer(BaseModel):\n    version: int\n\n\n"
        'config = {"type": "api", "name": "HelloPy", "method": "GET", "path": "/Python", "emits": [],\n'
        '          "responseSchema": {200: Answer.model_json_schema()}}\n\n\n'
        'async def handler(req, ctx):\n    return {"status": 200, "body": {"version": VERSION}}\n',
    ),
}
ZOD = Path(__file__).parent.parent / "sdk-node" / "node_modules" / "zod"


class Asking:
    """A client that asks for something all the time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answers = self.failures = 0

    async def run(self) -> None:
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    is_good = (await client.get(self._url)).status_code == 200
                except httpx.HTTPError:
                    is_good = False
                self.answers += is_good
                self.failures += not is_good
                await asyncio.sleep(0.002)


async def saves(
    server: Server, project: Path, language: str, number: int, pause_s: float
) -> tuple[list[float], list[float]]:
    """Milliseconds from each save to its answer; MiB of the core after each."""
    name, source = STEPS[language]
    times, memory = [], []
    async with httpx.AsyncClient() as client:
        for version in range(2, number + 2):
            (project / "steps" / name).write_text(source.replace("VERSION", str(version)))
            began_s = time.perf_counter()
            while (await client.get(f"{server.url}/{language}")).json() != {"version": version}:
                await asyncio.sleep(0.002)
                if time.perf_counter() - began_s > 30:
                    raise SystemExit(f"{language} {version} is not served after 30 s")
            times.append((time.perf_counter() - began_s) * 1000)
            await asyncio.sleep(pause_s)
            memory.append(tree_memory_mib(server.pid)["core"])
    return times, memory


async def measure(number: int, pause_s: float) -> None:
    """A project of two steps; one language after the other."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "steps").mkdir()
        (project / "node_modules").mkdir()
        (project / "node_modules" / "zod").symlink_to(ZOD)
        for name, source in STEPS.values():
            (project / "steps" / name).write_text(source.replace("VERSION", "1"))
        async with motia(project, settings={"MOTIA_RELOAD": "true"}) as server:
            await asyncio.sleep(3)
            for language in STEPS:
                asking = Asking(f"{server.url}/{language}")
                task = asyncio.create_task(asking.run())
                times, memory = await saves(server, project, language, number, pause_s)
                task.cancel()
                early, late = memory[len(memory) // 4], memory[-1]
                p95 = sorted(times)[int(len(times) * 0.95)]
                print(
                    f"  {language:<11} p50 {statistics.median(times):4.0f} ms  p95 {p95:4.0f} ms  "
                    f"{asking.failures} of {asking.failures + asking.answers:,} requests failed  "
                    f"core {early:.0f} → {late:.0f} MiB after {number} reloads",
                    flush=True,
                )


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=30, help="of each language")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between an answer and the next save")
    options = parser.parse_args()
    asyncio.run(measure(options.saves, options.pause))


if __name__ == "__main__":
    main()
