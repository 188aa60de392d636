config = {"type": "api", "name": "shared python", "method": "POST", "path": "/python/shared", "emits": []}


async def handler(req, context):
    if "value" in req["body"]:
        await context.state.set("shared", req["body"]["key"], req["body"]["value"])
    return {"status": 200, "body": await context.state.get("shared", req["body"]["key"])}
