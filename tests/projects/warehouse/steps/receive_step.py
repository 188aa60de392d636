from typing import Any

from motia import ApiRequest, ApiResponse, FlowContext, enqueue, http, logger

config = {
    "name": "PyReceive",
    "description": "Goods come in",
    "triggers": [
        http(
            "POST",
            "/py/goods/:bay",
            body_schema={"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "number"}}},
            response_schema={201: {"type": "object"}},
            condition=lambda request, ctx: request.body.get("sku") != "refused",
        )
    ],
    "enqueues": ["py.received"],
    "flows": ["warehouse"],
}


async def handler(request: ApiRequest[Any], ctx: FlowContext[Any]) -> ApiResponse[Any]:
    logger.info("goods in python", {"bay": request.path_params["bay"]})
    await enqueue({"topic": "py.received", "data": {**request.body, "bay": request.path_params["bay"]}})
    body = {"sku": request.body["sku"], "same": request.request.body == request.body, "trace": ctx.trace_id}
    return ApiResponse(status=201, body=body, headers={"x-bay": request.path_params["bay"]})
