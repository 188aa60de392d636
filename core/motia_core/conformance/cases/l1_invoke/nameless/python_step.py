config = {"type": "api", "method": "GET", "path": "/python/nameless"}


async def handler(req, context):
    return {"status": 200, "body": "nobody"}
