config = {"type": "api", "name": "Mend", "method": "POST", "path": "/mend", "emits": []}


async def handler(req, ctx):
    await ctx.state.set("glue", "dry", True)
    return {"status": 200, "body": {}}
