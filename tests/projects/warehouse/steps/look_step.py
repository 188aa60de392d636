config = {"type": "api", "name": "Look", "method": "GET", "path": "/look/:group", "emits": []}


async def handler(req, ctx):
    return {"status": 200, "body": await ctx.state.get_group(req["pathParams"]["group"])}
