config = {"type": "api", "name": "watches python", "method": "POST", "path": "/python/watches"}


async def handler(req, context):
    await context.streams.board.set("python-unwatched", "1", {"text": "b"})
    await context.streams.board.set("python-watched", "1", {"text": "a"})
    return {"status": 200}
