config = {"type": "event", "name": "unawaited sink", "subscribes": ["unawaited.sink"]}


async def handler(lang, context):
    await context.state.set(f"journal-unawaited-{lang}", "event", {"n": 2})
