config = {"type": "api", "name": "socket python", "method": "WEBSOCKET", "path": "/python/socket/:id", "emits": []}


async def handler(event, context):
    name = event["pathParams"]["id"]
    if event["type"] != "message":
        if name == "no":
            return {"status": 403, "body": {}}
        number = 1 if event["type"] == "connect" else 2
        await context.state.set("journal-socket-python", str(number), {"n": number, "type": event["type"]})
        return None
    data = event["data"]
    if data == "json":
        return {"n": 1}
    if data == "quiet":
        return None
    if data == "twice":
        await context.sockets.send(event["connectionId"], "one")
        return "two"
    return f"{data} from {name} with {event['queryParams']['a']}"
