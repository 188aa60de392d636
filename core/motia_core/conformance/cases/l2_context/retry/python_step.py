from motia import RetryableError

config = {"type": "event", "name": "retry python", "subscribes": ["retry.python"], "emits": []}


async def handler(input, context):
    await context.state.set(
        "journal-retry-python", str(context.attempt), {"n": context.attempt, "max": context.max_attempts}
    )
    if context.attempt < 3:
        raise RetryableError("not yet", retry_after_s=0.05)
