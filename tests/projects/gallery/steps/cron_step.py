config = {"type": "cron", "name": "Cron", "cron": "61 * * * *", "emits": []}


async def handler(context):
    pass
