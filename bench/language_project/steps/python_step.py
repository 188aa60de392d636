from motia import api, event

seen = {"count": 0}


@api("GET", "/python")
async def hello(req, ctx):
    return {"status": 200, "body": {"message": "hello"}}


@api("GET", "/python/calls")
async def calls(req, ctx):
    for _ in range(20):
        await ctx.state.get("bench", "key")
    return {"status": 200, "body": {"message": "hello"}}


@api("GET", "/python/seen")
async def look(req, ctx):
    return {"status": 200, "body": seen}


@event("python", queue={"concurrency": 64})
async def sink(data, ctx):
    seen["count"] += 1
