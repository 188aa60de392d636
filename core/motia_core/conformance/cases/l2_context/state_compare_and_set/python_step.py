import asyncio

config = {"type": "api", "name": "cas python", "method": "POST", "path": "/python/state_compare_and_set", "emits": []}


async def count(state, g):
    while True:
        found = await state.get_versioned(g, "n")
        if (await state.compare_and_set(g, "n", found["version"], (found["value"] or 0) + 1))["ok"]:
            return


async def handler(req, context):
    state, g = context.state, "python-cas"
    await state.clear(g)
    missing = await state.get_versioned(g, "k")
    first = await state.compare_and_set(g, "k", 0, 1)
    again = await state.compare_and_set(g, "k", 0, 5)
    read = await state.get_versioned(g, "k")
    second = await state.compareAndSet(g, "k", read["version"], 2)
    late = await state.compare_and_set(g, "k", first["version"], 9)
    await asyncio.gather(*(count(state, g) for _ in range(20)))
    body = {
        "missing": [missing["value"] is None, missing["version"]],
        "first": first["ok"],
        "again": [again["ok"], again["version"] == first["version"]],
        "read": [read["value"], read["version"] == first["version"]],
        "second": second["ok"],
        "late": late["ok"],
        "value": await state.get(g, "k"),
        "counted": await state.get(g, "n"),
    }
    return {"status": 200, "body": body}
