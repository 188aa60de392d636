config = {"type": "api", "name": "streams python", "method": "POST", "path": "/python/streams", "emits": []}


async def handler(req, context):
    stream = context.streams.board
    group = "python-group"
    for item in await stream.getGroup(group):
        await stream.delete(group, item["id"])
    first = await stream.set(group, "1", {"text": "a", "id": "other"})
    await stream.set(group, "2", {"text": "b"})
    changed = await stream.set(group, "1", {"text": "c"})
    items = await stream.getGroup(group)
    removed = await stream.delete(group, "2")
    body = {
        "first": {"id": first["id"], "text": first["text"], "created": isinstance(first["_createdAt"], int)},
        "same": first["_createdAt"] == changed["_createdAt"],
        "items": [[item["id"], item["text"]] for item in items],
        "removed": removed["text"],
        "gone": not await stream.get(group, "2"),
        "again": not await stream.delete(group, "2"),
        "sent": await stream.send({"groupId": group}, {"type": "t", "data": 1}) is None,
    }
    return {"status": 200, "body": body}
