"""Logs, writes a state value, reads it, and emits what it has read."""

from typing import Any

config = {"type": "event", "name": "WireCalls", "subscribes": ["wire.calls"], "emits": ["wire.done"]}


async def handler(input: Any, context: Any) -> None:
    """One call after the other."""
    context.logger.info("wire")
    await context.state.set("wire", "value", input)
    value = await context.state.get("wire", "value")
    await context.emit({"topic": "wire.done", "data": value})
