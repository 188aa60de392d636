import openai

config = {"type": "event", "name": "DeclaredPy", "subscribes": ["a"], "emits": []}


async def handler(data, context):
    return openai
