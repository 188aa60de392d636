config = {"type": "event", "name": "Chain2", "subscribes": ["chain.2"], "emits": ["chain.3"]}


async def handler(input, context):
    await context.emit({"topic": "chain.3", "data": input})
