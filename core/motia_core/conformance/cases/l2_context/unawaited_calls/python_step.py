config = {"type": "api", "name": "unawaited python", "method": "POST", "path": "/python/unawaited", "emits": []}


async def handler(req, context):
    context.emit({"topic": "unawaited.sink", "data": "python"})
    context.state.set("journal-unawaited-python", "state", {"n": 1})
    return {"status": 200, "body": {"ok": True}}
