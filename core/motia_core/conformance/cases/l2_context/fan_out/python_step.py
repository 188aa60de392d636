config = {"type": "event", "name": "fan python", "subscribes": ["fan.python"], "emits": []}


async def handler(input, context):
    entry = {"n": 1, "who": "a", "data": input["list"]}
    await context.state.set("journal-fan-" + input["to"], f"a {context.trace_id}", entry)
