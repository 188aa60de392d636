config = {"type": "api", "name": "failures python", "method": "GET", "path": "/python/failures/:kind", "emits": []}


async def handler(req, context):
    kind = req["pathParams"]["kind"]
    if kind == "raises":
        raise ValueError("secret")
    if kind == "nothing":
        return None
    if kind == "status":
        return {"status": 99, "body": {}}
    if kind == "circular":
        body = {}
        body["self"] = body
        return {"status": 200, "body": body}
    return 7
