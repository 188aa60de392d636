"""Handles {{topic}}."""

config = {
    "type": "event",
    "name": "{{Name}}",
    "description": "",
    "subscribes": ["{{topic}}"],
    "emits": [],
    "flows": ["{{flow}}"],
}


async def handler(data, context):
    context.logger.info("{{Name}}", {"data": data})
