config = {"type": "event", "name": "chain tools", "subscribes": ["chain.tools"]}


async def handler(input, context):
    entry = {"n": input["n"], "lang": "tools", "trace": context.trace_id}
    await context.state.set("journal-chain-" + input["run"], str(input["n"]), entry)
    if input["route"]:
        topic, *route = input["route"]
        await context.emit({"topic": topic, "data": {**input, "n": input["n"] + 1, "route": route}})
