LINE = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": r"^[A-Z]{3}-\d+$"},
        "quantity": {"type": "integer", "minimum": 1},
    },
    "required": ["sku", "quantity"],
}
config = {
    "type": "api",
    "name": "order py",
    "method": "POST",
    "path": "/py/orders",
    "emits": [],
    "bodySchema": {
        "type": "object",
        "properties": {
            "customer": {"type": "string", "minLength": 1},
            "email": {"type": "string", "format": "email"},
            "lines": {"type": "array", "items": LINE, "minItems": 1},
            "note": {"type": ["string", "null"]},
        },
        "required": ["customer", "email", "lines"],
    },
}


async def handler(req, ctx):
    return {"status": 200, "body": {"lines": len(req["body"]["lines"])}}
