config = {
    "type": "cron",
    "name": "Tick",
    "cron": "* * * * * *",
    "emits": [],
    "atomic": True,
    "overlap": "queue",
    "catchUp": "all",
}


async def handler(ctx):
    await ctx.state.update("ticks", ctx.trace_id, [{"type": "increment", "path": ""}])
