from motia import CallError

config = {
    "type": "api",
    "name": "emit-schema python",
    "method": "GET",
    "path": "/python/emit-schema",
    "emits": ["emit-schema-python"],
}


async def handler(req, context):
    await context.emit({"topic": "emit-schema-python", "data": {"lang": "python", "n": 1}})
    try:
        await context.emit({"topic": "emit-schema-python", "data": {"lang": "python", "n": "two"}})
    except CallError as error:
        return {"status": 200, "body": {"refused": "violates the input schema" in str(error)}}
    return {"status": 200, "body": {"refused": False}}
