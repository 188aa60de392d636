import os

LANGUAGES = os.environ["CONFORMANCE_LANGUAGES"].split()
config = {
    "type": "event",
    "name": "emit-schema heard",
    "subscribes": [f"emit-schema-{lang}" for lang in LANGUAGES],
    "input": {"type": "object", "properties": {"n": {"type": "integer"}}},
}


async def handler(data, context):
    await context.state.set(f"journal-emit-schema-{data['lang']}", str(data["n"]), {"n": data["n"]})
