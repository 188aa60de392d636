"""Handlers and their middlewares as one callable, composed once at load time."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from motia.threads import Threads

Link = Callable[[Any, Any], Any]  # (input, context) → result, or an awaitable of it
UserFunction = Callable[..., Any]


def is_async(function: UserFunction) -> bool:
    """Whether calling it surely gives a coroutine."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def adapt(handler: UserFunction, is_cron: bool) -> Link:
    """Make a handler callable as (input, context), whatever number of parameters it has."""
    required, most = count_parameters(handler)
    if most == 0:
        return lambda _input, _context: handler()
    if is_cron and required < 2:
        return lambda _input, context: handler(context)
    if most == 1:
        return lambda data, _context: handler(data)
    return handler


def count_parameters(function: UserFunction, offered: int = 2) -> tuple[int, int]:
    """How many positional arguments it needs, and how many it takes of those that it is offered."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return offered, offered
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(1 for p in positional if p.default is p.empty)
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required, offered if takes_any else len(positional)


def compose(
    handler: UserFunction, middlewares: list[UserFunction], is_cron: bool, threads: Threads
) -> tuple[Link, bool]:
    """The whole chain, first middleware outermost, and whether it is to run in a thread.

    A chain of sync functions runs in one thread; as soon as one is async, the chain lives on the loop and each
    sync function gets a thread of its own.
    """
    link = adapt(handler, is_cron)
    if not any(map(is_async, [handler, *middlewares])):
        for middleware in reversed(middlewares):
            link = _sync_link(middleware, link)
        return link, True
    if not is_async(handler):
        link = _threaded(link, threads)
    for middleware in reversed(middlewares):
        link = _async_link(middleware, link) if is_async(middleware) else _threaded_link(middleware, link, threads)
    return link, False


def around_connect(chain: tuple[Link, bool], alone: tuple[Link, bool], threads: Threads) -> tuple[Link, bool]:
    """Of a WebSocket step: the whole chain for `connect`, the handler alone for what comes on the connection.

    Args:
        chain, alone: As `compose` gives them.
    """
    (whole, whole_in_thread), (bare, bare_in_thread) = chain, alone
    if whole_in_thread:  # then the handler is sync as well
        return lambda event, context: (whole if event["type"] == "connect" else bare)(event, context), True
    rest = _threaded(bare, threads) if bare_in_thread else bare

    async def run(event: Any, context: Any) -> Any:
        return await settled((whole if event["type"] == "connect" else rest)(event, context))

    return run, False


def _sync_link(middleware: UserFunction, inner: Link) -> Link:
    def run(data: Any, context: Any) -> Any:
        return middleware(data, context, lambda *replaced: inner(_downstream(data, replaced), context))

    return run


def _async_link(middleware: UserFunction, inner: Link) -> Link:
    async def run(data: Any, context: Any) -> Any:
        def next_fn(*replaced: Any) -> Any:
            return inner(_downstream(data, replaced), context)

        return await settled(middleware(data, context, next_fn))

    return run


def _threaded_link(middleware: UserFunction, inner: Link, threads: Threads) -> Link:
    async def run(data: Any, context: Any) -> Any:
        loop = asyncio.get_running_loop()

        def next_fn(*replaced: Any) -> Any:
            rest = settled(inner(_downstream(data, replaced), context))
            return asyncio.run_coroutine_threadsafe(rest, loop).result()

        return await settled(await in_thread(threads, middleware, data, context, next_fn))

    return run


def _threaded(function: UserFunction, threads: Threads) -> Link:
    async def run(data: Any, context: Any) -> Any:
        return await settled(await in_thread(threads, function, data, context))

    return run


def _downstream(data: Any, replaced: tuple[Any, ...]) -> Any:
    return replaced[0] if replaced and replaced[0] is not None else data


async def settled(result: Any) -> Any:
    """The value behind however many awaitables."""
    while hasattr(result, "__await__"):
        result = await result
    return result


def in_thread(threads: Threads, function: UserFunction, *args: Any) -> Awaitable[Any]:
    """Call a function in a thread, with the caller's context variables."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    variables = contextvars.copy_context()

    def deliver(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def job() -> None:
        try:
            result, error = variables.run(function, *args), None
        except BaseException as raised:  # boundary: whatever user code raises goes to who awaits it
            # A future takes no StopIteration; wrap it as coroutines do.
            result, error = None, RuntimeError("raised StopIteration") if isinstance(raised, StopIteration) else raised
        loop.call_soon_threadsafe(deliver, result, error)

    threads.submit(job)
    return future
