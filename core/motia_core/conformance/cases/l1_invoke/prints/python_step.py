import sys

config = {"type": "api", "name": "prints python", "method": "GET", "path": "/python/prints"}


async def handler(req, context):
    print("python prints this ü")
    print("python complains of that", file=sys.stderr)
    return {"status": 200, "body": "printed"}
