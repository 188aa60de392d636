from datetime import UTC, datetime, timedelta

config = {"type": "api", "name": "emit_options python", "method": "POST", "path": "/python/emit_options", "emits": []}


async def handler(req, context):
    async def emit(n, what, **options):
        data = {"lang": "python", "n": n, "what": what, "emitted": datetime.now().timestamp()}
        await context.emit({"topic": "emit_options.once", "data": data, **options})

    await emit(1, "once", idempotencyKey="python", idempotencyWindow="1h")
    await emit(2, "twice", idempotency_key="python")
    await emit(3, "delay", delay=1)
    await emit(4, "at", at=datetime.now(UTC) + timedelta(seconds=1))
    for what, priority in (("first", 0), ("idle", -10), ("usual", 0), ("urgent", 10)):
        data = {"lang": "python", "what": what}
        await context.emit({"topic": "emit_options.order", "data": data, "priority": priority})
    return {"status": 200}
