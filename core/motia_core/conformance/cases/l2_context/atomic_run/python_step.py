from motia import WriteInRunError

config = {
    "type": "event",
    "name": "atomic run python",
    "subscribes": ["atomic_run.python"],
    "emits": [],
    "atomic": True,
}


async def handler(input, context):
    state = context.state
    writes = {
        "emit": lambda: context.emit({"topic": "nobody.listens", "data": {}}),
        "set": lambda: state.set("atomic_run", "python", 1),
        "update": lambda: state.update("atomic_run", "python", [{"type": "increment", "path": ""}]),
        "compareAndSet": lambda: state.compare_and_set("atomic_run", "python", 0, 1),
        "delete": lambda: state.delete("atomic_run", "python"),
        "clear": lambda: state.clear("atomic_run"),
    }
    refused = []
    for name, write in writes.items():
        try:
            await context.run(name, write)
        except WriteInRunError:
            refused.append(name)

    async def look():
        return "something" if await state.get("atomic_run", "python") else "nothing"

    read = await context.run("read", look)
    await state.set("journal-atomic_run-python", "1", {"n": 1, "read": read, "refused": refused})
