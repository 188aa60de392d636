"""Emits from outside what a case wants."""

config = {"type": "api", "name": "ToolsEmit", "method": "POST", "path": "/tools/emit"}


async def handler(req, context):
    for event in req["body"]:
        await context.emit(event)
    return {"status": 200, "body": {"traceId": context.trace_id}}
