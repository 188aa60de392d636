import os
import time

config = {
    "type": "event",
    "name": "block python",
    "subscribes": ["block.python"],
    "infrastructure": {"handler": {"timeout": 1}, "queue": {"retryDelay": 0, "visibilityTimeout": 4}},
}


async def handler(data, context):
    async def note(what):
        entry = {"what": what, "attempt": context.attempt, "pid": os.getpid(), "at": time.time()}
        await context.state.set("journal-block-python", f"{what} {time.time_ns()}", entry)

    is_first = not await context.state.get_group("journal-block-python")
    await note("start")
    if is_first:
        time.sleep(60)
    await note("done")
