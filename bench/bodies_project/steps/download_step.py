BLOCK = b"x" * 65536
config = {"type": "api", "name": "download py", "method": "GET", "path": "/py/download", "emits": []}


async def blocks():
    for _ in range(1600):
        yield BLOCK


async def handler(req, ctx):
    return {"status": 200, "body": blocks()}
