"""{{METHOD}} {{path}}."""

config = {
    "type": "api",
    "name": "{{Name}}",
    "description": "",
    "method": "{{METHOD}}",
    "path": "{{path}}",
    "emits": [],
    "flows": ["{{flow}}"],
}


async def handler(req, context):
    context.logger.info("{{Name}}", {"params": req["pathParams"]})
    return {"status": 200, "body": {"traceId": context.trace_id}}
