config = {"type": "event", "name": "chain python", "subscribes": ["chain.python"]}


async def handler(input, context):
    entry = {"n": input["n"], "lang": "python", "trace": context.trace_id}
    await context.state.set("journal-chain-" + input["run"], str(input["n"]), entry)
    if input["route"]:
        topic, *route = input["route"]
        await context.emit({"topic": topic, "data": {**input, "n": input["n"] + 1, "route": route}})
