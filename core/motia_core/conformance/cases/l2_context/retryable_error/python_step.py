from motia import RetryableError

config = {
    "type": "event",
    "name": "retryable python",
    "subscribes": ["retryable.python"],
    "emits": [],
    "queue": {"maxRetries": 2, "retryDelay": 600},
}


async def handler(input, context):
    n = context.attempt
    await context.state.set("journal-retryable-python", str(n), {"n": n, "max": context.max_attempts})
    raise RetryableError(f"busy {n}", retry_after="250ms" if n == 1 else 0.1)
