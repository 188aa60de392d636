"""Fails."""

from typing import Any

config = {"type": "event", "name": "WireFail", "subscribes": ["wire.fail"], "emits": []}


async def handler(input: Any, context: Any) -> None:
    """As handlers of users do."""
    raise ValueError("wire: no")
