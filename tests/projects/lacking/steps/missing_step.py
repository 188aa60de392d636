from agno_like import Agent

config = {"type": "event", "name": "missing", "subscribes": ["asked"], "emits": []}


async def handler(input, context):
    Agent()
