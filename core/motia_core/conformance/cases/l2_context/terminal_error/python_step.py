from motia import TerminalError

config = {"type": "event", "name": "terminal python", "subscribes": ["terminal.python"], "emits": []}


async def handler(input, context):
    raise TerminalError("never again")
