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
        if context.signal.cancelled:
            context.logger.info("timeout python: the signal came")
