import asyncio

config = {"type": "api", "name": "slow python", "method": "GET", "path": "/python/slow", "emits": []}


async def handler(req, context):
    await context.state.set("journal-slow-python", "start", {"what": "start", "at": 0})
    await asyncio.sleep(1)
    return {"status": 200, "body": "slow"}
