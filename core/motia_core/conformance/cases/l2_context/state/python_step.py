config = {"type": "api", "name": "state python", "method": "POST", "path": "/python/state", "emits": []}


async def handler(req, context):
    state = context.state
    g = "python-round-trip"
    await state.clear(g)
    values = {
        "object": {"a": [1, None]},
        "array": [1, "2"],
        "string": "s",
        "number": 1.5,
        "zero": 0,
        "false": False,
        "empty": "",
    }
    returned = [await state.set(g, key, value) for key, value in values.items()]
    read = [await state.get(g, key) for key in values]
    missing = await state.get(g, "missing")
    group = sorted(map(repr, await state.get_group(g)))
    removed = await state.delete(g, "string")
    again = await state.delete(g, "string")
    gone = not await state.get(g, "string")
    cleared = await state.clear(g)
    return {
        "status": 200,
        "body": {
            "returned": returned == list(values.values()),
            "read": read == list(values.values()),
            "missing": not missing,
            "group": len(group),
            "removed": removed,
            "again": not again,
            "gone": gone,
            "cleared": cleared is None,
            "empty": await state.get_group(g),
        },
    }
