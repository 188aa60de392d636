config = {"type": "event", "name": "chain python", "subscribes": ["chain.python"], "emits": []}


async def handler(input, context):
    await context.state.set(
        "journal-chain-" + input["run"], "python", {"n": input["n"], "lang": "python", "trace": context.trace_id}
    )
    await context.emit({"topic": "chain.javascript", "data": {**input, "n": input["n"] + 1}})
