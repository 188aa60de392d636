"""What the assistant says, while it says it."""

config = {
    "name": "answers",
    "schema": {
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "author": {"type": "string"},
            "text": {"type": "string"},
            "done": {"type": "boolean"},
        },
        "required": ["question", "author", "text", "done"],
    },
    "maxItems": 5,
    "ttl": "1h",
}
