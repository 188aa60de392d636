config = {"type": "api", "name": "Delivered", "method": "GET", "path": "/delivered", "emits": []}


async def handler(request, context):
    return {"status": 200, "body": await context.state.get_group("delivered")}
