from journal import note

config = {"type": "event", "name": "Plain", "subscribes": ["plain"], "emits": []}


async def handler(input, ctx):
    note("start", "Plain", input.n)
    await ctx.state.set("plain", str(input.n), input.n)
    note("acknowledged", "Plain", input.n)
