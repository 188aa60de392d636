config = {
    "type": "api",
    "name": "stage",
    "method": "PUT",
    "path": "/stages/:id",
    "emits": [],
    "responseSchema": {202: {"type": "object"}},
}


async def handler(req, context):
    item = await context.streams.sent.set("all", req["pathParams"]["id"], {"stage": req.body["stage"]})
    return {"status": 202, "body": item}
