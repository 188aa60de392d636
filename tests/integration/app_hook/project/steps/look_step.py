config = {"type": "api", "name": "PythonLook", "method": "GET", "path": "/steps/:name", "emits": []}


async def handler(req, context):
    return {"status": 200, "headers": {"Set-Cookie": "seen=by-the-step"}, "body": req}
