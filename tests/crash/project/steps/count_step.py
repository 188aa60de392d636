from journal import note

config = {"type": "event", "name": "Count", "subscribes": ["count"], "emits": ["counted"], "atomic": True}


async def handler(input, ctx):
    note("start", "Count", input.n)
    await ctx.state.update("counts", str(input.n), [{"type": "increment", "path": ""}])
    await ctx.emit({"topic": "counted", "data": {"n": input.n}})
