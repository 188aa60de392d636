async def count(event, context, next_fn):
    await context.state.update("socket-middleware-python", "count", [{"type": "increment", "path": ""}])
    return await next_fn()


config = {
    "type": "api",
    "name": "socket middleware python",
    "method": "WEBSOCKET",
    "path": "/python/socket-middleware",
    "emits": [],
    "middleware": [count],
}


async def handler(event, context):
    if event["type"] == "message":
        return str(await context.state.get("socket-middleware-python", "count"))
    if event["type"] == "close":
        await context.state.clear("socket-middleware-python")
    return None
