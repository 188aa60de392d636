"""Prints, and takes some time."""

import asyncio
from typing import Any

config = {"type": "event", "name": "WireSlow", "subscribes": ["wire.slow"], "emits": []}


async def handler(input: Any, context: Any) -> None:
    """Sleep as long as the event says."""
    print("wire: slow")
    await asyncio.sleep(input["ms"] / 1000)
