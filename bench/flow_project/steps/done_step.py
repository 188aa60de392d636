config = {"type": "api", "name": "Done", "method": "GET", "path": "/flows", "emits": []}


async def handler(req, ctx):
    return {"status": 200, "body": await ctx.state.get_group("flows")}
