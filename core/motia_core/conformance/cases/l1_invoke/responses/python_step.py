config = {"type": "api", "name": "responses python", "method": "GET", "path": "/python/responses/:kind", "emits": []}


async def handler(req, context):
    kind = req["pathParams"]["kind"]
    if kind == "text":
        return {"status": 200, "body": "<p>hi</p>"}
    if kind == "css":
        return {"status": 200, "headers": {"Content-Type": "text/css"}, "body": "p {}"}
    if kind == "bytes":
        return {"status": 200, "body": bytes([0, 255, 10])}
    if kind == "array":
        return {"status": 201, "body": [1, None]}
    if kind == "null":
        return {"status": 200, "body": None}
    if kind == "cookies":
        return {"status": 302, "headers": {"Set-Cookie": ["a=1", "b=2"], "Location": "/x"}, "body": ""}
    return {"status": 204, "body": None}
