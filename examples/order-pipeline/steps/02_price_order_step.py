"""Prices an order: what everything costs, with tax."""

import os

config = {
    "type": "event",
    "name": "PriceOrder",
    "description": "Looks up prices and adds the tax",
    "subscribes": ["order.received"],
    "emits": ["order.priced"],
    "flows": ["orders"],
    "input": {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "customer": {"type": "string"},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"product": {"type": "string"}, "quantity": {"type": "integer"}},
                    "required": ["product", "quantity"],
                },
            },
        },
        "required": ["id", "items"],
    },
}

PRICES = {"coffee": 4.5, "tea": 3.2, "cake": 5.8}


async def handler(input_data, context):
    lines = [{**item, "price": PRICES.get(item["product"], 9.99)} for item in input_data["items"]]
    net = sum(line["price"] * line["quantity"] for line in lines)
    total = round(net * (1 + float(os.environ.get("TAX_PERCENT", "19")) / 100), 2)

    order = await context.state.get("orders", input_data["id"])
    order.update(lines=lines, total=total, status="priced")
    await context.state.set("orders", order["id"], order)

    context.logger.info("Order priced", {"id": order["id"], "total": total})
    await context.emit({"topic": "order.priced", "data": order})
