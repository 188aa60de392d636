import threading

config = {"type": "api", "name": "later python", "method": "GET", "path": "/python/later", "emits": []}


def fail():
    raise RuntimeError("nobody catches this")


async def handler(req, context):
    threading.Timer(0.001, fail).start()
    return {"status": 200, "body": "later"}
