config = {
    "type": "event",
    "name": "dead python",
    "subscribes": ["dead.python"],
    "emits": [],
    "queue": {"maxRetries": 1, "retryDelay": 0.05},
}


async def handler(input, context):
    raise ValueError("broken")
