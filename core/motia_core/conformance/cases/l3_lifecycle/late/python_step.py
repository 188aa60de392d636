import asyncio
import os
import time

config = {
    "type": "event",
    "name": "late python",
    "subscribes": ["late.python"],
    "infrastructure": {"handler": {"timeout": 1}, "queue": {"maxRetries": 0}},
}


async def handler(data, context):
    end = time.monotonic() + 3
    while time.monotonic() < end:  # whatever anybody says
        try:
            await asyncio.sleep(end - time.monotonic())
        except asyncio.CancelledError:
            continue
    entry = {"what": "late", "attempt": context.attempt, "pid": os.getpid(), "at": time.time()}
    await context.state.set("journal-late-python", "late", entry)
