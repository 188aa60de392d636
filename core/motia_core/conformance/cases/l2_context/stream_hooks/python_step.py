config = {"type": "event", "name": "hooked python", "subscribes": ["hooked.python"], "emits": []}


async def handler(message, context):
    said = {"type": message["type"], "data": message["data"]}
    await context.state.set("journal-hooked-python", "said", said)
