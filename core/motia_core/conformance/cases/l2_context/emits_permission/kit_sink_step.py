# One at a time, in the order of the emits: what was declared comes last, so nothing else is still on its way.
config = {
    "type": "event",
    "name": "permission sink",
    "subscribes": ["permission.allowed", "permission.undeclared"],
    "queue": {"concurrency": 1},
}


async def handler(data, context):
    key = data["key"]
    await context.state.set(f"journal-permission-{key.split('-')[0]}", key, {"n": 1, "key": key})
