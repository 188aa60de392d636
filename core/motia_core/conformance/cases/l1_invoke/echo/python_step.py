config = {"type": "api", "name": "echo python", "method": "POST", "path": "/python/echo", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": req["body"]}
