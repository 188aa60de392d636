config = {"type": "api", "name": "unlooked python", "method": "POST", "path": "/python/unlooked_failure"}


async def handler(req, context):
    await context.state.set("unlooked", "python", "text")
    call = context.state.update("unlooked", "python", [{"type": "increment", "path": ""}])
    if not req["queryParams"].get("look"):
        return {"status": 200, "body": {"ok": True}}
    try:
        await call
    except Exception:
        return {"status": 200, "body": {"failed": True}}
    return {"status": 200, "body": {"failed": False}}
