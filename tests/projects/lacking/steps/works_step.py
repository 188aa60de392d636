config = {"type": "event", "name": "works too", "subscribes": ["asked"], "emits": []}


async def handler(input, context):
    context.logger.info("the others run")
