"""Runs at {{cron}}."""

config = {
    "type": "cron",
    "name": "{{Name}}",
    "description": "",
    "cron": "{{cron}}",
    "emits": [],
    "flows": ["{{flow}}"],
}


async def handler(context):
    context.logger.info("{{Name}}")
