config = {
    "type": "event",
    "name": "emit-schema heard python",
    "subscribes": ["emit-schema-python"],
    "emits": [],
    "input": {"type": "object", "properties": {"n": {"type": "integer"}}},
}


async def handler(data, context):
    await context.state.set("journal-emit-schema-python", str(data["n"]), data)
