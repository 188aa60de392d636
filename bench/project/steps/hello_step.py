config = {"type": "api", "name": "HelloPy", "path": "/py", "method": "GET", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": {"message": "hello"}}
