from motia import TerminalError

config = {"type": "event", "name": "redriven python", "subscribes": ["redriven.python"]}


async def handler(data, context):
    async def count():
        return await context.state.update("redriven", "python", [{"type": "increment", "path": ""}])

    result = await context.run("count", count)
    times = await context.state.update("redriven", "python deliveries", [{"type": "increment", "path": ""}])
    await context.state.set("journal-redriven-python", str(times), {"n": times, "result": result})
    if times == 1:
        raise TerminalError("not yet")
