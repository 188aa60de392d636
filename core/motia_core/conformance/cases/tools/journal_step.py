"""Reads the journal: what event steps have seen, which they keep in the state group `journal-NAME`."""

config = {"type": "api", "name": "ToolsJournal", "method": "GET", "path": "/tools/journal/:name"}


async def handler(req, context):
    entries = await context.state.get_group("journal-" + req["pathParams"]["name"])
    return {"status": 200, "body": sorted(entries, key=lambda entry: entry.get("n", 0))}
