from motia import sse

config = {"type": "api", "name": "events python", "method": "GET", "path": "/python/events", "emits": []}


async def events():
    yield "one"
    yield {"event": "tick", "id": 2, "data": {"n": 2}}
    yield {"n": 3}
    yield "two\nlines"


async def handler(req, context):
    return sse(events())
