config = {
    "type": "api",
    "name": "socket_failures python",
    "method": "WEBSOCKET",
    "path": "/python/socket_failures",
    "messageSchema": {"type": "object", "properties": {"n": {"type": "integer"}}},
}


async def handler(event, context):
    if event["type"] != "message":
        return None
    if event["data"]["n"] == 0:
        raise RuntimeError("nothing is not enough")
    return event["data"]
