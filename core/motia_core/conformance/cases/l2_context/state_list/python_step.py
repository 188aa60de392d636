config = {"type": "api", "name": "state_list python", "method": "POST", "path": "/python/state_list", "emits": []}


async def handler(req, context):
    state, g = context.state, "python-list"
    values = {"b:1": 4, "a:3": False, "a:1": 1, "a:2": [2], "é": 5, "%": 6}
    await state.clear(g)
    await state.set(g + "-other", "a:0", 0)
    await state.set(g[:-1], "a:0", 0)
    for key, value in values.items():
        await state.set(g, key, value)
    first = await state.list(g, prefix="a:", limit=2)
    second = await state.list(g, prefix="a:", limit=2, cursor=first["cursor"])
    keys = [item["key"] async for item in state.list_all(g)]
    none = await state.list(g, "c")
    body = {
        "first": first["items"],
        "second": second["items"],
        "ended": second["cursor"] == "",
        "keys": keys,
        "none": [none["items"], none["cursor"]],
    }
    return {"status": 200, "body": body}
