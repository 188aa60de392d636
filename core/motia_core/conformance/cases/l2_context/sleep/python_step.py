config = {"type": "event", "name": "sleep python", "subscribes": ["sleep.python"], "emits": []}


async def handler(input, context):
    async def count(what):
        return await context.state.update("sleep-python", what, [{"type": "increment", "path": ""}])

    starts = await count("starts")
    runs = await context.run("once", lambda: count("runs"))
    await context.sleep("500ms")
    await context.sleep(0.5, key="named")
    entry = {"n": context.attempt, "starts": starts, "runs": runs, "a": input["a"]}
    await context.state.set("journal-sleep-python", "1", entry)
