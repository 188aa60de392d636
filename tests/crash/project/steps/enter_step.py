config = {
    "type": "api",
    "name": "Enter",
    "method": "POST",
    "path": "/enter",
    "emits": ["plain", "count", "ordered", "fragile", "patient", "go"],
}


async def handler(req, ctx):
    await ctx.emit(req.body)
    return {"status": 200, "body": {}}
