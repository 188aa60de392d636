from motia import Stream, enqueue, http, queue, stateManager, stream

watched = Stream("triggers-python")

config = {
    "name": "triggers python",
    "triggers": [
        http("POST", "/python/triggers", condition=lambda request, ctx: request.body["n"] > 0),
        queue("triggers-python"),
        stream("triggers-python", group_id="seen"),
    ],
    "enqueues": ["triggers-python"],
}


async def handler(given, ctx):
    async def note(data):
        entry = {"kind": ctx.trigger.type, "index": ctx.trigger.index, "data": data}
        await stateManager.set("journal-triggers-python", ctx.trigger.type, entry)

    async def on_http(request):
        await enqueue({"topic": "triggers-python", "data": request.body})
        return {"status": 200, "body": {"kind": "http", "index": ctx.trigger.index, "data": ctx.get_data()}}

    async def on_queue(data):
        await note(data)
        await watched.set("unseen", "1", data)
        await watched.set("seen", "1", data)

    async def on_stream(change):
        scopes = await stateManager.list_groups()
        groups = await watched.list_groups()
        await note({"type": change["event"]["type"], "groups": groups, "state": "journal-triggers-python" in scopes})

    return await ctx.match({"http": on_http, "queue": on_queue, "stream": on_stream})
