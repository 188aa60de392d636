config = {
    "type": "event",
    "name": "delay python",
    "subscribes": ["delay.python"],
    "emits": [],
    "infrastructure": {"queue": {"delaySeconds": 1}},
}


async def handler(input, context):
    await context.state.set("journal-delay-python", "1", {"n": 1})
