config = {"type": "api", "name": "logger python", "method": "GET", "path": "/python/logger", "emits": []}


async def handler(req, context):
    context.logger.info("info python", {"n": 1, "nested": {"ü": True}})
    context.logger.warn("warn python")
    context.logger.error("error python", {"error": ValueError("boom python")})
    context.logger.debug("debug python")
    context.logger.info("plain python", "text")
    return {"status": 200, "body": {"trace": context.trace_id}}
