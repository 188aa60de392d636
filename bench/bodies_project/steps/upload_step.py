config = {"type": "api", "name": "upload py", "method": "POST", "path": "/py/upload", "emits": []}


async def handler(req, ctx):
    size = 0
    with req["files"][0].open() as file:
        while block := file.read(1 << 20):
            size += len(block)
    return {"status": 200, "body": {"size": size}}
