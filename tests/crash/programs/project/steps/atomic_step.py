from interpreter import interpret

config = {
    "type": "event",
    "name": "AtomicPython",
    "subscribes": ["atomic.python"],
    "emits": [],
    "waitsFor": ["signal"],
    "atomic": True,
    "infrastructure": {"queue": {"maxRetries": 1000, "retryDelay": 0.05}},
}


async def handler(input, ctx):
    await interpret(input, ctx, atomic=True)
