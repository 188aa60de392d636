import os
import signal
import time

config = {"type": "event", "name": "die python", "subscribes": ["die.python"]}


async def handler(data, context):
    async def note(what):
        entry = {"what": what, "attempt": context.attempt, "pid": os.getpid(), "at": time.time()}
        await context.state.set("journal-die-python", f"{what} {time.time_ns()}", entry)

    is_first = not await context.state.get_group("journal-die-python")
    await note("start")
    if is_first:
        os.kill(os.getpid(), signal.SIGKILL)  # what the kernel does to who takes too much memory
    await note("done")
