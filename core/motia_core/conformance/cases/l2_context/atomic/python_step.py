from motia import RetryableError

config = {"type": "event", "name": "atomic python", "subscribes": ["atomic.python"], "emits": [], "atomic": True}


async def handler(input, context):
    n, state = context.attempt, context.state
    await context.emit({"topic": "atomic.sink", "data": {"lang": "python", "n": n * 10}})
    await state.set("journal-atomic-python", f"attempt {n}", {"n": n})
    count = await state.update("atomic", "python", [{"type": "increment", "path": ""}])
    sees = await state.get("journal-atomic-python", f"attempt {n}")
    if n == 1:
        raise RetryableError("again", retry_after=0.05)
    await state.set("journal-atomic-python", "count", {"n": 5, "count": count, "sees": sees["n"]})
