config = {"type": "event", "name": "no_data python", "subscribes": ["no_data.python", "no_data.python.zero"]}


async def handler(data, context):
    entry = {"n": 1, "absent": True} if data is None else {"n": 2, "zero": data == 0}
    await context.state.set("journal-no_data-python", str(entry["n"]), entry)
