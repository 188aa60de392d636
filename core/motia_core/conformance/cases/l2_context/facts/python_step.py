config = {
    "type": "api",
    "name": "facts python",
    "method": "GET",
    "path": "/python/facts",
    "emits": [],
    "flows": ["f1", "f2"],
}


async def handler(req, context):
    return {
        "status": 200,
        "body": {
            "trace": context.trace_id == context.traceId and len(context.trace_id) == 13,
            "parent": context.traceparent[:36],
            "flows": list(context.flows),
            "attempt": context.attempt,
            "max": context.max_attempts,
            "cancelled": context.signal.cancelled,
        },
    }
