config = {
    "type": "event",
    "name": "Ordered",
    "subscribes": ["ordered"],
    "emits": [],
    "infrastructure": {"queue": {"type": "fifo"}},
}


async def handler(input, ctx):
    await ctx.run("once", lambda: input.n)
