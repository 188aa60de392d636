config = {
    "type": "api",
    "name": "List loans",
    "flows": ["loans"],
    "method": "GET",
    "path": "/loans/:isbn?",
    "emits": [],
    "querySchema": {
        "type": "object",
        "properties": {
            "condition": {"enum": ["fine", "worn"]},
            "overdue": {"type": "boolean", "default": False},
            "page": {
                "type": "object",
                "properties": {"size": {"type": "integer", "minimum": 1, "maximum": 100}},
                "additionalProperties": False,
            },
        },
    },
    "responseSchema": {
        200: {
            "type": "object",
            "properties": {
                "loans": {"type": "array", "items": {"type": "object"}},
                "only": {"type": ["string", "null"]},
            },
            "required": ["loans", "only"],
        }
    },
}


async def handler(req, context):
    isbn = req["pathParams"].get("isbn")
    loans = await context.state.get_group("loans")
    found = [loan for loan in loans if isbn is None or loan["isbn"] == isbn]
    return {"status": 200, "body": {"loans": found, "only": isbn}}
