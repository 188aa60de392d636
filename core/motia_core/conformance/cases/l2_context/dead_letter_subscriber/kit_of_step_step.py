import os

LANGUAGES = os.environ["CONFORMANCE_LANGUAGES"].split()
config = {"type": "event", "name": "dead of step", "subscribes": [f"dead.{lang}.dead {lang}.dlq" for lang in LANGUAGES]}


async def handler(letter, context):
    given = letter["input"]
    entry = {key: letter[key] for key in ("topic", "step", "attempts")}
    entry |= {"n": 2, "id": given["id"], "message": letter["failure"]["message"]}
    await context.state.set(f"journal-dead-{given['lang']}", "of step", entry)
