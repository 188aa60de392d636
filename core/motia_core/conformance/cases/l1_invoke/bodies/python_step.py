config = {"type": "api", "name": "bodies python", "method": "POST", "path": "/python/bodies", "emits": []}


async def handler(req, context):
    raw = req["rawBody"]
    return {"status": 200, "body": {"body": req["body"], "raw": list(raw) if isinstance(raw, bytes) else raw}}
