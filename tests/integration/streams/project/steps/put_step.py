config = {"type": "api", "name": "Put", "method": "POST", "path": "/put/:stream/:group/:id", "emits": []}


async def handler(req, ctx):
    place = req["pathParams"]
    return {"status": 200, "body": await ctx.streams[place["stream"]].set(place["group"], place["id"], req["body"])}
