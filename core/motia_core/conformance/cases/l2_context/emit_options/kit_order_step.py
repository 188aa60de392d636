import asyncio

config = {
    "type": "event",
    "name": "emit_options order",
    "subscribes": ["emit_options.order"],
    "queue": {"concurrency": 1},
}


async def handler(data, context):
    group = f"journal-emit_options-order-{data['lang']}"
    kept = await context.state.get(group, "order") or {"order": []}
    if data["what"] == "first":
        await asyncio.sleep(0.8)  # the others are there by then
    await context.state.set(group, "order", {"n": 0, "order": [*kept["order"], data["what"]]})
