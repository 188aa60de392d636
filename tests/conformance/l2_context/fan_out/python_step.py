config = {"type": "event", "name": "fan python", "subscribes": ["fan.python"], "emits": []}


async def handler(input, context):
    await context.state.set("journal-fan-python", "a", {"n": 1, "who": "a", "data": input})
