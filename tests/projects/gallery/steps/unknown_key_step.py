config = {"type": "event", "name": "UnknownKey", "subscribe": ["a"], "subscribes": ["b"], "emits": []}


async def handler(data, context):
    pass
