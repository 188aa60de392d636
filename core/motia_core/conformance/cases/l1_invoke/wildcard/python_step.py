config = {"type": "api", "name": "wildcard python", "method": "GET", "path": "/python/wildcard/*", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": {"path": req["pathParams"]}}
