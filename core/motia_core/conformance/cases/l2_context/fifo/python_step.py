import asyncio

config = {
    "type": "event",
    "name": "fifo python",
    "subscribes": ["fifo.python"],
    "emits": [],
    "infrastructure": {"queue": {"type": "fifo"}},
}


async def handler(input, context):
    order = await context.state.get("fifo", "python-" + input["group"]) or []
    await asyncio.sleep(0.02 if input["n"] % 2 else 0)
    await context.state.set("fifo", "python-" + input["group"], [*order, input["n"]])
    await context.state.set(
        "journal-fifo-python", input["group"], {"n": ord(input["group"]), "order": [*order, input["n"]]}
    )
