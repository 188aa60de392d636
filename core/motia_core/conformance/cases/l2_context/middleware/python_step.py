async def outer(req, context, next_fn):
    req["order"] = ["outer"]
    response = await next_fn()
    response["headers"] = {"x-trace": context.trace_id, "x-order": ",".join(req["order"])}
    return response


async def inner(req, context, next_fn):
    if req["queryParams"].get("stop"):
        return {"status": 403, "body": {"stopped": True}}
    req["order"].append("inner")
    return await next_fn()


config = {
    "type": "api",
    "name": "middleware python",
    "method": "GET",
    "path": "/python/middleware",
    "emits": [],
    "middleware": [outer, inner],
}


async def handler(req, context):
    if req["queryParams"].get("fail"):
        raise RuntimeError("no")
    return {"status": 200, "body": {"order": req["order"], "trace": context.trace_id}}
