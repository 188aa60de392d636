config = {"type": "api", "name": "not_json python", "method": "POST", "path": "/python/not_json", "emits": []}


async def handler(req, context):
    circular = {}
    circular["self"] = circular
    refused = []
    for attempt in (
        lambda: context.emit({"topic": "not.json", "data": circular}),
        lambda: context.state.set("g", "k", circular),
    ):
        try:
            await attempt()
        except Exception as error:
            refused.append(bool(str(error)))
    return {"status": 200, "body": {"refused": refused}}
