"""A step of 1.0 in Python, with the types of the SDK."""

from typing import Any

from motia import ApiResponse, FlowContext, MotiaHttpArgs, get_instance, http, init_iii, stateManager
from motia.errors import MotiaError

init_iii()

config = {
    "name": "Count",
    "triggers": [http("GET", "/parcels/count")],
    "enqueues": [],
}


async def handler(request: MotiaHttpArgs, ctx: FlowContext) -> ApiResponse:
    parcels: list[Any] = await stateManager.list("parcels")
    engine = ""
    try:
        get_instance()
    except MotiaError as error:
        engine = str(error)
    ctx.logger.info("counted", {"method": request.method})
    return ApiResponse(status=200, body={"count": len(parcels), "engine": engine})
