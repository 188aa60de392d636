config = {"type": "api", "name": "streamed python", "method": "GET", "path": "/python/streamed/:how", "emits": []}


async def text():
    for word in ("one ", "two ", "three"):
        yield word


def octets():
    yield bytes([0, 255, 10])
    yield bytearray([0, 255, 10])


async def objects():
    yield {"n": 1}
    yield {"n": 2}


async def large():
    for _ in range(30):
        yield "x" * 100_000


async def nothing():
    return
    yield


async def failing(pieces):
    for piece in pieces:
        yield piece
    raise ValueError("on purpose")


async def handler(req, context):
    how = req["pathParams"]["how"]
    if how == "text":
        return {"status": 200, "headers": {"x-own": "1"}, "body": text()}
    if how == "bytes":
        return {"status": 200, "body": octets()}
    if how == "objects":
        return {"status": 200, "body": objects()}
    if how == "typed":
        return {"status": 200, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": iter(["<p>", "1</p>"])}
    if how == "large":
        return {"status": 200, "body": large()}
    if how == "empty":
        return {"status": 201, "body": nothing()}
    return {"status": 200, "body": failing([] if how == "refused" else ["the beginning"])}
