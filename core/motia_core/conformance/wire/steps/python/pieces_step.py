"""Answers piece by piece."""

from collections.abc import AsyncIterator
from typing import Any

config = {"type": "api", "name": "WirePieces", "path": "/wire/pieces", "method": "POST", "emits": []}


async def handler(request: Any, context: Any) -> Any:
    """Sixteen pieces of 1000 letters."""
    return {"status": 200, "headers": {"content-type": "text/plain"}, "body": pieces()}


async def pieces() -> AsyncIterator[str]:
    """One after the other."""
    for _ in range(16):
        yield "x" * 1000
