config = {
    "type": "event",
    "name": "Queue",
    "subscribes": ["a"],
    "emits": [],
    "queue": {"maxRetries": -1, "rateLimit": "often"},
}


async def handler(data, context):
    pass
