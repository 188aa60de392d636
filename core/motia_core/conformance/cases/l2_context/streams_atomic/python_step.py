config = {
    "type": "event",
    "name": "streams_atomic python",
    "subscribes": ["streams_atomic.python"],
    "emits": [],
    "atomic": True,
}


async def handler(data, context):
    stream, g = context.streams.board, "python-atomic"
    before = [item["id"] for item in await stream.get_group(g)]
    await stream.set(g, f"a{context.attempt}", {"text": "x"})
    for _ in range(2):
        updated = await stream.update(g, f"a{context.attempt}", [{"type": "increment", "path": "/votes"}])
    await stream.send({"groupId": g}, {"type": "told", "data": context.attempt})
    after = [item["id"] for item in await stream.get_group(g)]
    seen = {"attempt": context.attempt, "before": before, "after": after, "updated": updated["votes"]}
    await context.state.set("journal-streams_atomic-python", "seen", seen)
    if context.attempt == 1:
        raise RuntimeError("the first attempt fails")
