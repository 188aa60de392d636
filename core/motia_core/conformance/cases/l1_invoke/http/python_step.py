config = {"type": "api", "name": "http python", "method": "GET", "path": "/python/http/:kind", "emits": []}


async def handler(req, context):
    kind = req["pathParams"]["kind"]
    if kind == "cors":
        return {"status": 200, "headers": {"Access-Control-Allow-Origin": "https://a.example"}, "body": {}}
    if kind == "moved":
        cookies = ["a=1; Path=/; HttpOnly", "b=2"]
        return {"status": 303, "headers": {"Location": "/elsewhere?a=b", "Set-Cookie": cookies}, "body": {}}
    if kind == "version":
        headers = {"ETag": '"v1"', "Last-Modified": "Sun, 01 Jan 2023 00:00:00 GMT"}
        return {"status": 200, "headers": headers, "body": {"v": 1}}
    return {"status": 200, "body": {}}
