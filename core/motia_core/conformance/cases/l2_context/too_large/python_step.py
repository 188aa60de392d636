config = {"type": "api", "name": "too_large python", "method": "POST", "path": "/python/too_large"}


async def handler(req, context):
    large = "x" * 70_000
    if req["queryParams"].get("respond"):
        return {"status": 200, "body": large}
    refused = []
    for attempt in (
        lambda: context.emit({"topic": "too_large", "data": large}),
        lambda: context.state.set("too_large", "python", large),
    ):
        try:
            await attempt()
        except Exception as error:
            refused.append(bool(str(error)))
    await context.state.set("too_large", "python", "small")
    stored = await context.state.get("too_large", "python")
    return {"status": 200, "body": {"refused": refused, "stored": stored == "small"}}
