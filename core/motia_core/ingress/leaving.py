"""Work for a client that may leave, behind servers that tell of it only through `receive`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from motia_core.ingress.interface import ClientGoneError, Receive

Result = TypeVar("Result")


async def while_client_stays(receive: Receive, work: Awaitable[Result]) -> Result:
    """What the work gives; it is cancelled when the client leaves.

    Raises:
        ClientGoneError: The client has left.
    """
    error: Exception | None = None
    result: Result | None = None
    try:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(receive))
            try:
                result = await work
            except Exception as failure:  # raised again below, out of the group
                error = failure
            watch.cancel()
    except* ClientGoneError:
        raise ClientGoneError from None
    if error is not None:
        raise error
    return cast(Result, result)


async def _watch(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientGoneError
