config = {
    "type": "event",
    "name": "Fragile",
    "subscribes": ["fragile"],
    "emits": [],
    "infrastructure": {"queue": {"maxRetries": 1, "retryDelay": 0.5}},
}


async def handler(input, ctx):
    if ctx.attempt == 1 and input.n % 10 == 0:
        raise ValueError("later")
    if input.n % 50 == 0:
        raise ValueError("never")
