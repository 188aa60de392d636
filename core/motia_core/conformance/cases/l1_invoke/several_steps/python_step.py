from motia import step

config = {"type": "api", "name": "several python", "method": "GET", "path": "/python/several", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": {"step": "whole"}}


async def create(req, context):
    context.logger.info("first of python")
    await context.emit({"topic": "several-python", "data": req["body"]})
    return {"status": 200, "body": {"step": "first"}}


def remove(req, context):
    return {"status": 200, "body": {"step": "second"}}


async def note(data, context):
    await context.state.set("journal-several-python", "only", data)


first = step(
    {
        "type": "api",
        "name": "several python first",
        "method": "POST",
        "path": "/python/several/first",
        "emits": ["several-python"],
    },
    create,
)
second = step(
    {
        "type": "api",
        "name": "several python second",
        "method": "DELETE",
        "path": "/python/several/second",
        "emits": [],
    },
).handle(remove)
third = step({"type": "event", "name": "several python third", "subscribes": ["several-python"], "emits": []}, note)
