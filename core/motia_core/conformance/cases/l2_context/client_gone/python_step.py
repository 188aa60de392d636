import asyncio

config = {"type": "api", "name": "gone python", "method": "GET", "path": "/python/gone", "emits": []}


async def handler(req, context):
    try:
        await asyncio.wait_for(context.signal.wait(), 8)
    finally:
        await context.state.set("journal-gone-python", "1", {"n": 1, "cancelled": context.signal.cancelled})
    return {"status": 200, "body": {}}
