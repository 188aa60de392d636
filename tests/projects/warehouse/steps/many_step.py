"""One step with five triggers."""

from motia import Stream, cron, http, queue, state, stateManager, stream

shelf = Stream("py-shelf")

config = {
    "name": "PyMany",
    "triggers": [
        http("GET", "/py/many"),
        queue("py.many"),
        cron("0 0 0 1 1 * 2099"),
        state(condition=lambda change, ctx: change["group_id"] == "py-stock" and change["scope"] == "py-stock"),
        stream("py-shelf", group_id="front"),
    ],
    "enqueues": [],
    "flows": ["warehouse"],
}


async def handler(given, ctx):
    async def on_http(request):
        log = await stateManager.list("py-log")
        return {"status": 200, "body": {"log": log, "data": ctx.get_data(), "trigger": ctx.trigger}}

    async def on_queue(data):
        await note("queue", data)
        await shelf.set("front", data["id"], {"n": data["n"]})
        await shelf.set("back", data["id"], {"n": data["n"]})

    async def on_state(change):
        await note("state", {"type": change.event_type, "old": change.old_value, "new": change.new_value})

    async def on_stream(change):
        await note(
            "stream", {"group": change["groupId"], "type": change["event"]["type"], "n": change["event"]["data"]["n"]}
        )

    async def note(key, what):
        await stateManager.set(
            "py-log", key, {"kind": key, "what": what, "is": [ctx.is_queue(), ctx.is_state(), ctx.is_stream()]}
        )

    return await ctx.match(
        {
            "http": on_http,
            "queue": on_queue,
            "cron": lambda: note("cron", None),
            "state": on_state,
            "stream": on_stream,
        }
    )
