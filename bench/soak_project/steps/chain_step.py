config = {"type": "event", "name": "Chain", "subscribes": ["chain"], "emits": ["counted"], "atomic": True}


async def handler(input, ctx):
    await ctx.state.update("counters", str(input.n % 100), [{"type": "increment", "path": ""}])
    await ctx.emit({"topic": "counted", "data": input})
