from steps.loans import Loan

config = {
    "type": "api",
    "name": "Lend",
    "description": "Lends a book",
    "flows": ["loans"],
    "method": "POST",
    "path": "/loans",
    "emits": ["loan.made"],
    "bodySchema": Loan.model_json_schema(),
    "responseSchema": {
        201: {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        400: {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
    },
}


async def handler(req, context):
    body = req["body"]
    if not isinstance(body, dict) or not isinstance(body.get("isbn"), str):
        return {"status": 400, "body": {"error": "this is no loan"}}
    await context.state.set("loans", body["isbn"], body)
    await context.emit({"topic": "loan.made", "data": {"isbn": body["isbn"]}})
    return {"status": 201, "body": {"id": f"loan-{body['isbn']}"}}
