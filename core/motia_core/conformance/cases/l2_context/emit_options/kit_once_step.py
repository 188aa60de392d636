import time

config = {"type": "event", "name": "emit_options once", "subscribes": ["emit_options.once"]}


async def handler(data, context):
    lang, n, what = data["lang"], data["n"], data["what"]
    if what in ("delay", "at") and time.time() < data["emitted"] + 0.95:
        await context.state.set(f"journal-emit_options-early-{lang}", what, {"n": n})
    await context.state.set(f"journal-emit_options-{lang}", what, {"n": n, "what": what})
