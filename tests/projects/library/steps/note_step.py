config = {
    "type": "event",
    "name": "Note",
    "description": "Writes down what happens",
    "flows": ["loans"],
    "subscribes": ["loan.made", "book.added"],
    "emits": [],
    "input": {
        "$defs": {"Isbn": {"type": "string", "minLength": 1}},
        "type": "object",
        "properties": {"isbn": {"$ref": "#/$defs/Isbn"}},
        "required": ["isbn"],
    },
}


async def handler(input, context):
    await context.streams.shelf.set("events", input["isbn"], {"isbn": input["isbn"]})
