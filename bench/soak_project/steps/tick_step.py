config = {"type": "cron", "name": "Tick", "cron": "*/2 * * * * *", "emits": [], "atomic": True}


async def handler(ctx):
    await ctx.state.update("counters", "ticks", [{"type": "increment", "path": ""}])
