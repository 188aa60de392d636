"""Every minute: how many greetings there are."""

config = {
    "type": "cron",
    "name": "CountGreetings",
    "description": "Every minute: how many greetings there are",
    "cron": "* * * * *",
    "emits": [],
    "flows": ["greetings"],
}


async def handler(context):
    greetings = await context.state.get_group("greetings")
    context.logger.info("Greetings so far", {"count": len(greetings)})
