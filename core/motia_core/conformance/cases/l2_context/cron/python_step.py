config = {"type": "cron", "name": "cron python", "cron": "0 0 1 1 *", "emits": []}


async def handler(context):
    await context.state.set("journal-cron-python", "run", {"n": 1, "attempt": context.attempt})
