import asyncio

config = {"type": "api", "name": "side_by_side python", "method": "GET", "path": "/python/side_by_side"}


async def handler(req, context):
    await asyncio.sleep(0.5)
    return {"status": 200, "body": {"waited": True}}
