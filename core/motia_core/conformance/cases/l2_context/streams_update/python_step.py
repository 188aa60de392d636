import asyncio

config = {
    "type": "api",
    "name": "streams_update python",
    "method": "POST",
    "path": "/python/streams_update",
    "emits": [],
}


async def handler(req, context):
    stream, g = context.streams.board, "python-update"
    for item in await stream.get_group(g):
        await stream.delete(g, item["id"])
    made = await stream.update(
        g, "k", [{"type": "set", "path": "/text", "value": "a"}, {"type": "increment", "path": "/votes", "by": 2}]
    )
    refused = False
    try:
        await stream.update(g, "k", [{"type": "set", "path": "/x", "value": 1}, {"type": "append", "path": "/text"}])
    except Exception:
        refused = True
    kept = "x" not in await stream.get(g, "k")
    await asyncio.gather(*(stream.update(g, "k", [{"type": "increment", "path": "/votes"}]) for _ in range(40)))
    votes = (await stream.get(g, "k"))["votes"]
    removed = await stream.update(g, "k", [{"type": "remove", "path": ""}]) is None
    gone = not await stream.get(g, "k")
    for number in "123":
        await stream.set(g, number, {"text": number})
    first = await stream.list(g, limit=2)
    second = await stream.list(g, cursor=first["cursor"], limit=2)
    body = {
        "made": {
            "id": made["id"],
            "text": made["text"],
            "votes": made["votes"],
            "created": isinstance(made["_createdAt"], int),
        },
        "refused": refused,
        "kept": kept,
        "votes": votes,
        "removed": removed,
        "gone": gone,
        "pages": [[item["id"] for item in page["items"]] for page in (first, second)],
        "end": second["cursor"],
        "all": [item["id"] async for item in stream.list_all(g)],
    }
    return {"status": 200, "body": body}
