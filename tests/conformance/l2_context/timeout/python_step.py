import asyncio

config = {
    "type": "event",
    "name": "timeout python",
    "subscribes": ["timeout.python"],
    "emits": [],
    "infrastructure": {"handler": {"timeout": 1}, "queue": {"maxRetries": 0}},
}


async def handler(input, context):
    try:
        await asyncio.sleep(30)
    finally:
        await context.state.set("journal-timeout-python", "end", {"n": 1, "cancelled": context.signal.cancelled})
