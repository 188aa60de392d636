import asyncio

from journal import note

config = {
    "type": "event",
    "name": "Ordered",
    "subscribes": ["ordered"],
    "emits": [],
    "infrastructure": {"queue": {"type": "fifo"}},
}


async def handler(input, ctx):
    note("start", "Ordered", input.group, input.n)
    await asyncio.sleep(0.005)  # so that others of its group have to wait
