import asyncio

config = {"type": "api", "name": "late_call python", "method": "POST", "path": "/python/late_call"}
LEFT = set()


async def later(context):
    await asyncio.sleep(0.3)
    try:
        await context.state.set("journal-late_call-python", "late", {"n": 1})
        print("late call of python: made")
    except Exception:
        print("late call of python: refused")


async def handler(req, context):
    LEFT.add(asyncio.create_task(later(context)))
    return {"status": 200, "body": {"ok": True}}
