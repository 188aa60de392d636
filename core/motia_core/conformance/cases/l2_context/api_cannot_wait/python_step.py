config = {"type": "api", "name": "api_cannot_wait python", "method": "POST", "path": "/python/api_cannot_wait"}


async def handler(req, context):
    refused = []
    for attempt in (lambda: context.sleep("1s"), lambda: context.wait_for("nothing")):
        try:
            await attempt()
        except Exception as error:
            refused.append(bool(str(error)))
    return {"status": 200, "body": {"refused": refused}}
