"""Steps of Motia 1.0: one definition for each of their triggers, with a handler that is called as ours are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from motia.definition import StepDefinition, UserFunction
from motia.fault import ConfigError
from motia.http_args import MotiaHttpResponse, http_args
from motia.middleware import Link, adapt, compose, in_thread, is_async, settled
from motia.names import camel_case
from motia.payload import Record
from motia.threads import Threads
from motia.trigger_context import TriggerContext

NOT_MET = {"status": 422, "body": {"error": "Request condition not met", "skipped": True}}
NAMING = ("type", "method", "path", "topic", "expression", "streamName")  # what a step's other triggers are called by


def per_trigger(definition: StepDefinition) -> list[StepDefinition]:
    """A definition for each trigger of a config that lists them; otherwise the one that there is."""
    triggers = definition.config.get("triggers")
    if definition.config.get("type") is not None or not isinstance(triggers, (list, tuple)):
        return [definition]
    plain = [camel_case(trigger) if isinstance(trigger, Mapping) else trigger for trigger in triggers]
    found = []
    for at, trigger in enumerate(plain):
        others = [one if one is trigger else _named(one) for one in plain]
        key = definition.key if len(plain) == 1 else f"{definition.key}.{at}" if definition.key else str(at)
        config = {**camel_case(definition.config), "triggers": others}
        handler = definition.handler_of(trigger.get("type") if isinstance(trigger, Mapping) else None)
        found.append(replace(definition, config=config, handler=handler, key=key, trigger=at + 1))
    return found or [replace(definition, config=camel_case(definition.config))]


def trigger_of(definition: StepDefinition) -> Mapping[Any, Any]:
    """The trigger that a definition is for; empty when there is none."""
    if not definition.trigger:
        return {}
    trigger = definition.config["triggers"][definition.trigger - 1]
    return trigger if isinstance(trigger, Mapping) else {}


def as_plain(definition: StepDefinition, middlewares: list[UserFunction], threads: Threads) -> UserFunction:
    """The handler of a trigger, with its middleware and its condition, as (input, context) → result."""
    trigger, handler = trigger_of(definition), definition.handler
    assert handler is not None  # the caller saw to it
    condition = trigger.get("condition")
    if condition is not None and not callable(condition):
        raise ConfigError(f"condition must be a function, it is a {type(condition).__name__}", definition.line)
    link, is_sync = compose(handler, middlewares, False, threads)
    facts = Record({name: trigger[name] for name in NAMING if name in trigger}, index=definition.trigger - 1)
    is_http = trigger.get("type") == "http"
    if is_sync and (condition is None or not is_async(condition)):
        return _sync(link, condition, facts, is_http)
    return _async(link, condition, facts, is_http, threads)


def _sync(link: Link, condition: UserFunction | None, facts: Record, is_http: bool) -> UserFunction:
    def run(data: Any, context: Any) -> Any:
        response = MotiaHttpResponse(None)
        given = http_args(data, facts["method"], response) if is_http else data
        own = TriggerContext.of(context, facts, given)
        if condition is not None and _asked(condition, given, own) is False:
            return NOT_MET if is_http else None
        result = link(given, own)
        if is_http and result is None and response.is_used:
            return {**response.head(), "body": b"".join(response.pieces)}
        return result

    return run


def _async(link: Link, condition: UserFunction | None, facts: Record, is_http: bool, threads: Threads) -> UserFunction:
    async def run(data: Any, context: Any) -> Any:
        response = MotiaHttpResponse(asyncio.get_running_loop())
        given = http_args(data, facts["method"], response) if is_http else data
        own = TriggerContext.of(context, facts, given)
        if condition is not None and await _answered(condition, given, own, threads) is False:
            return NOT_MET if is_http else None
        result = link(given, own)
        return await _written(result, response) if is_http else await settled(result)

    return run


async def _written(result: Any, response: MotiaHttpResponse) -> Any:
    """What the handler returns; or what it writes, from the first piece on while it still runs."""
    handler = asyncio.ensure_future(settled(result))
    begun = asyncio.ensure_future(response.begun())
    try:
        await asyncio.wait({handler, begun}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        handler.cancel()
        raise
    finally:
        begun.cancel()
    if handler.done() and (handler.exception() or handler.result() is not None or not response.is_used):
        return handler.result()
    if handler.done() and not response.pieces:
        return response.head()
    return {**response.head(), "body": response.sent(handler)}


def _asked(condition: Callable[..., Any], given: Any, context: TriggerContext) -> Any:
    return adapt(condition, False)(given, context)


async def _answered(condition: Callable[..., Any], given: Any, context: TriggerContext, threads: Threads) -> Any:
    if is_async(condition):
        return await settled(_asked(condition, given, context))
    return await settled(await in_thread(threads, _asked, condition, given, context))


def _named(trigger: Any) -> Any:
    return {key: trigger[key] for key in NAMING if key in trigger} if isinstance(trigger, Mapping) else trigger
