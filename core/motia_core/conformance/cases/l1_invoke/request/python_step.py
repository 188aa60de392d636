config = {"type": "api", "name": "request python", "method": "GET", "path": "/python/request/:id/:rest?", "emits": []}


async def handler(req, context):
    return {
        "status": 200,
        "body": {
            "keys": sorted(req.keys()),
            "headers": {k: v for k, v in req["headers"].items() if k.startswith("x-")},
            "path": req["pathParams"],
            "query": req["queryParams"],
        },
    }
