import os

LANGUAGES = os.environ["CONFORMANCE_LANGUAGES"].split()
config = {"type": "event", "name": "fan second", "subscribes": [f"fan.{lang}" for lang in LANGUAGES]}


async def handler(data, context):
    entry = {"n": 2, "who": "b", "data": data["list"]}
    await context.state.set(f"journal-fan-{data['to']}", f"b {context.trace_id}", entry)
