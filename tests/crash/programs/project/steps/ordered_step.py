config = {
    "type": "event",
    "name": "OrderedPython",
    "subscribes": ["ordered.python"],
    "emits": [],
    "atomic": True,
    "infrastructure": {"queue": {"type": "fifo", "maxRetries": 1000, "retryDelay": 0.05}},
}


async def handler(input, ctx):
    await ctx.state.update("ordered.python", input.key, [{"type": "append", "path": "", "value": input.number}])
