import asyncio

config = {"type": "api", "name": "state_ttl python", "method": "POST", "path": "/python/state_ttl", "emits": []}


async def handler(req, context):
    state, g = context.state, "python-ttl"
    await state.clear(g)
    await state.set(g, "stays", 1, ttl=1)
    await state.set(g, "stays", 3)
    await state.set(g, "a", 1, ttl="1s")
    await state.compare_and_set(g, "b", 0, 2, ttl=1)
    before = [await state.get(g, key) for key in ("a", "b", "stays")]
    await asyncio.sleep(1.1)
    a, b, stays = [await state.get(g, key) for key in ("a", "b", "stays")]
    group = await state.get_group(g)
    page = await state.list(g)
    version = (await state.get_versioned(g, "b"))["version"]
    new = await state.compare_and_set(g, "b", 0, 1)
    body = {
        "before": before,
        "after": [not a, not b, stays],
        "group": group,
        "keys": [item["key"] for item in page["items"]],
        "version": version,
        "new": new["ok"],
    }
    return {"status": 200, "body": body}
