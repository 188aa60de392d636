"""Something that runs for a while, so that there is something to finish when a sidecar is told to stop."""

import asyncio

config = {"type": "api", "name": "Slow", "method": "GET", "path": "/slow", "emits": []}


async def handler(request, context):
    await asyncio.sleep(1)
    return {"status": 200, "body": {"by": "python"}}
