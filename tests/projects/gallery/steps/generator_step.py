config = {"type": "event", "name": "Generator", "subscribes": ["a"], "emits": []}


async def handler(data, context):
    yield data
