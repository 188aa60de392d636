config = {
    "type": "api",
    "name": "permission python",
    "method": "POST",
    "path": "/python/permission",
    "emits": ["permission.allowed"],
}


async def handler(req, context):
    await context.emit({"topic": "permission.undeclared", "data": {"key": "python-undeclared"}})
    await context.emit({"type": "permission.allowed", "data": {"key": "python-no-topic"}})
    await context.emit({"topic": "permission.allowed", "data": {"key": "python-declared"}})
    return {"status": 200, "body": {"ok": True}}
