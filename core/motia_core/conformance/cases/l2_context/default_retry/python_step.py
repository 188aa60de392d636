config = {"type": "event", "name": "default retries python", "subscribes": ["defaults.python"], "emits": []}


async def handler(input, context):
    await context.state.set("journal-defaults-python", str(context.attempt), {"n": context.attempt})
    if context.attempt < 2:
        raise RuntimeError("first")
