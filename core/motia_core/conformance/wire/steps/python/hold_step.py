"""Reads a state value, which takes as long as the core likes."""

from typing import Any

config = {"type": "event", "name": "WireHold", "subscribes": ["wire.hold"], "emits": []}


async def handler(input: Any, context: Any) -> None:
    """Wait for the core."""
    await context.state.get("wire", "gate")
