config = {"type": "api", "name": "version python", "method": "GET", "path": "/python/version", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "before"}
