import asyncio

config = {"type": "api", "name": "state_update python", "method": "POST", "path": "/python/state_update", "emits": []}


async def handler(req, context):
    state, g = context.state, "python-update"
    await state.clear(g)
    operations = [
        {"type": "set", "path": "/shop/open", "value": True},
        {"type": "merge", "path": "/shop", "value": {"name": "x"}},
        {"type": "increment", "path": "/shop/sold", "by": 3},
        {"type": "increment", "path": "/shop/sold", "by": -1},
        {"type": "append", "path": "/sales", "value": 1},
        {"type": "set", "path": "/old", "value": 1},
        {"type": "remove", "path": "/old"},
        {"type": "increment", "path": "/a~1b", "by": 0.5},
    ]
    changed = await state.update(g, "k", operations)
    refused = False
    try:
        await state.update(g, "k", [{"type": "set", "path": "/x", "value": 1}, {"type": "append", "path": "/shop"}])
    except Exception:
        refused = True
    kept = await state.get(g, "k") == changed
    await asyncio.gather(*(state.update(g, "n", [{"type": "increment", "path": ""}]) for _ in range(40)))
    count = await state.get(g, "n")
    removed = await state.update(g, "n", [{"type": "remove", "path": ""}]) is None
    gone = not await state.get(g, "n")
    body = {"changed": changed, "refused": refused, "kept": kept, "count": count, "removed": removed, "gone": gone}
    return {"status": 200, "body": body}
