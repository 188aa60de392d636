import asyncio
import time

from motia import sse

config = {"type": "api", "name": "ticks py", "method": "GET", "path": "/py/ticks", "emits": []}


async def ticks():
    n = 0
    while True:
        yield {"n": n, "at": time.time() * 1000}
        n += 1
        await asyncio.sleep(1)


async def handler(req, ctx):
    return sse(ticks())
