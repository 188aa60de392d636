from journal import note

config = {"type": "event", "name": "Patient", "subscribes": ["patient"], "emits": [], "atomic": True}


async def handler(input, ctx):
    note("start", "Patient", input.n)
    await ctx.run("prepare", lambda: note("ran", "Patient", input.n))
    note("remembered", "Patient", input.n)
    await ctx.sleep(0.02)
    answer = await ctx.wait_for("go", {"n": input.n})
    assert answer.n == input.n
    await ctx.state.update("patient", str(input.n), [{"type": "increment", "path": ""}])
