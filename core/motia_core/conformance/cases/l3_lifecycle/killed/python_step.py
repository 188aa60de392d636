import asyncio

config = {"type": "event", "name": "note python", "subscribes": ["note.python"]}


async def handler(data, context):
    await asyncio.sleep(0.001)
    change = [
        {"type": "set", "path": "/n", "value": data["n"]},
        {"type": "increment", "path": "/times"},
    ]
    await context.state.update("journal-note-python", str(data["n"]), change)
