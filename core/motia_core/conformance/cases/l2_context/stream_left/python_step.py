import asyncio

from motia import sse

config = {"type": "api", "name": "left python", "method": "GET", "path": "/python/left", "emits": []}


async def events(context):
    await context.state.set("journal-left-python", "1", {"n": 1})
    yield "begun"
    try:
        await asyncio.sleep(60)
    finally:
        cancelled = context.signal.cancelled
        await context.state.set("journal-left-python", "2", {"n": 2, "cancelled": cancelled})


async def handler(req, context):
    return sse(events(context))
