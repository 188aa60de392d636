from motia import enqueue, queue, stateManager

config = {
    "name": "PyShelve",
    "triggers": [
        queue(
            "py.received",
            input={"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
            condition=lambda goods, ctx: goods["count"] > 0,
            config={"maxRetries": 1, "backoffType": "fixed", "backoffDelayMs": 50, "delaySeconds": 0, "concurrency": 2},
        )
    ],
    "enqueues": [],
    "virtual_enqueues": ["py.shelved"],
    "flows": ["warehouse"],
}


def handler(goods, ctx):
    stock = stateManager.get("py-stock", goods["sku"]) or {"count": 0}
    done = stateManager.set("py-stock", goods["sku"], {"id": goods["sku"], "count": stock["count"] + goods["count"]})
    enqueue({"topic": "py.shelved", "data": done})
