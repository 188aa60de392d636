config = {"type": "api", "name": "groups python", "method": "POST", "path": "/python/groups", "emits": []}


async def handler(req, context):
    state = context.state
    for group in ("python-a", "python-a:b", "python-a1"):
        await state.clear(group)
        await state.set(group, "k", group)
    groups = [await state.get_group(group) for group in ("python-a", "python-a:b", "python-a1")]
    await state.clear("python-a")
    return {"status": 200, "body": {"groups": groups, "left": await state.get_group("python-a:b")}}
