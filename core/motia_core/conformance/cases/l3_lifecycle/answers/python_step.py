config = {"type": "api", "name": "ok python", "method": "GET", "path": "/python/ok", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "ok"}
