import time

config = {"type": "api", "name": "Begin", "method": "POST", "path": "/flows", "emits": ["task"]}


async def handler(req, ctx):
    await ctx.emit({"topic": "task", "data": {"left": req.body["tasks"], "began": time.time()}})
    return {"status": 202, "body": {}}
