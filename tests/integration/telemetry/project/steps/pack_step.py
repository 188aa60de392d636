"""Packs what was ordered."""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

trace.set_tracer_provider(TracerProvider())
tracer = trace.get_tracer("packing")

config = {"type": "event", "name": "Pack", "subscribes": ["ordered"], "emits": [], "queue": {"maxRetries": 0}}


async def handler(input, context):
    with tracer.start_as_current_span("wrap", attributes={"order.id": input["id"]}):
        context.logger.warn("the paper is short")
    if input["id"] == "torn":
        raise ValueError("the paper is torn")
