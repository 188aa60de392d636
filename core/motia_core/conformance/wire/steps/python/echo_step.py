"""Answers with the body of the request."""

from typing import Any

config = {"type": "api", "name": "WireEcho", "path": "/wire/echo", "method": "POST", "emits": []}


async def handler(request: Any, context: Any) -> Any:
    """The body comes back."""
    return {"status": 200, "body": request["body"]}
