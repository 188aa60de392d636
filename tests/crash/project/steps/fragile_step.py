from journal import note

config = {
    "type": "event",
    "name": "Fragile",
    "subscribes": ["fragile"],
    "emits": [],
    "atomic": True,
    "infrastructure": {"queue": {"maxRetries": 1, "retryDelay": 0.02}},
}


async def handler(input, ctx):
    note("start", "Fragile", input.n)
    await ctx.state.update("mended", str(input.n), [{"type": "increment", "path": ""}])
    if not await ctx.state.get("glue", "dry"):
        raise ValueError("broken")
