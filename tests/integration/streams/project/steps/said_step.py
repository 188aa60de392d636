config = {"type": "event", "name": "Said", "subscribes": ["board.said"], "emits": [], "queue": {"type": "fifo"}}


async def handler(message, ctx):
    said = {"text": message["data"]["text"], "by": message["auth"]["user"], "type": message["type"]}
    await ctx.streams.board.set(message["groupId"], message.get("id", "said"), said)
