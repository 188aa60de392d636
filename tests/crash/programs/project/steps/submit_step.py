config = {"type": "api", "name": "Submit", "method": "POST", "path": "/submit", "emits": []}


async def handler(req, ctx):
    await ctx.emit(req.body)
    return {"status": 200, "body": {}}
