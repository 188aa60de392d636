"""Once a minute: how much was sold so far."""

config = {
    "type": "cron",
    "name": "SalesReport",
    "description": "Logs the sales every minute",
    "cron": "* * * * *",
    "emits": [],
    "flows": ["orders"],
}


async def handler(context):
    sold = await context.state.get_group("insights")
    revenue = sum(product["revenue"] for product in sold)
    await context.state.set("reports", "latest", {"products": len(sold), "revenue": round(revenue, 2)})
    context.logger.info("Sales so far", {"products": len(sold), "revenue": round(revenue, 2)})
