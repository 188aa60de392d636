config = {"type": "event", "name": "atomic sink", "subscribes": ["atomic.sink"]}


async def handler(data, context):
    await context.state.set(f"journal-atomic-{data['lang']}", f"event {data['n']}", {"n": data["n"]})
