import asyncio
import os
import time

config = {"type": "event", "name": "wait python", "subscribes": ["wait.python"], "queue": {"visibilityTimeout": 4}}


async def handler(data, context):
    async def note(what):
        entry = {"what": what, "attempt": context.attempt, "pid": os.getpid(), "at": time.time()}
        await context.state.set(f"journal-{data['name']}-python", f"{what} {time.time_ns()}", entry)

    await note("start")
    await asyncio.sleep(data.get("seconds", 2))
    await note("done")
