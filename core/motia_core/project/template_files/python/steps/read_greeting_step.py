"""GET /greetings/:id: shows a greeting."""

config = {
    "type": "api",
    "name": "ReadGreeting",
    "description": "Shows a greeting",
    "method": "GET",
    "path": "/greetings/:id",
    "emits": [],
    "flows": ["greetings"],
}


async def handler(req, context):
    found = await context.state.get("greetings", req["pathParams"]["id"])
    if not found:
        return {"status": 404, "body": {"error": "there is no such greeting"}}
    return {"status": 200, "body": found}
