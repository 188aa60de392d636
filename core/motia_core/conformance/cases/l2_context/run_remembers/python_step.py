from motia import RetryableError

config = {"type": "event", "name": "run python", "subscribes": ["run.python"], "emits": []}


async def handler(input, context):
    async def pay():
        calls = await context.state.update("run", "python", [{"type": "increment", "path": ""}])
        return {"id": "paid", "calls": calls}

    def flaky():
        if context.attempt == 1:
            raise OSError("unreachable")

    result = await context.run("pay", pay)
    again = await context.run("pay", pay)
    nothing = await context.run("nothing", lambda: None)
    try:
        failed = await context.run("flaky", flaky) or ""
    except OSError as error:
        failed = str(error)
    entry = {"n": context.attempt, "result": result, "nothing": nothing is None and again == result, "failed": failed}
    await context.state.set("journal-run-python", str(context.attempt), entry)
    if context.attempt == 1:
        raise RetryableError("again", retry_after=0.05)
