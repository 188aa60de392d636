from interpreter import interpret

config = {
    "type": "event",
    "name": "PlainPython",
    "subscribes": ["plain.python"],
    "emits": [],
    "waitsFor": ["signal"],
    "infrastructure": {"queue": {"maxRetries": 1000, "retryDelay": 0.05}},
}


async def handler(input, ctx):
    await interpret(input, ctx, atomic=False)
