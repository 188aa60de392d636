"""Makes a call and does not wait for it."""

from typing import Any

config = {"type": "event", "name": "WireForget", "subscribes": ["wire.forget"], "emits": ["wire.done"]}


async def handler(input: Any, context: Any) -> None:
    """As users do who forget to await."""
    context.emit({"topic": "wire.done", "data": {}})
