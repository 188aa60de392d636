config = {"type": "event", "name": "watcher python", "watches": {"stream": "board", "group": "python-watched"}}


async def handler(change, context):
    event = change["event"]
    entry = {"n": 1, "type": event["type"], "text": event["data"]["text"]}
    await context.state.set("journal-watches-python", change["id"], entry)
