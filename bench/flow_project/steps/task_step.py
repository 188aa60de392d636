import asyncio
import time

config = {"type": "event", "name": "Task", "subscribes": ["task"], "emits": ["task"]}


async def handler(task, ctx):
    await asyncio.sleep(0.01)
    if task["left"] > 1:
        await ctx.emit({"topic": "task", "data": {**task, "left": task["left"] - 1}})
    else:
        await ctx.state.set("flows", ctx.trace_id, time.time() - task["began"])
