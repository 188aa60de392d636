"""The context of steps of Motia 1.0: which trigger started it, beside everything that ours has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from motia.context import Context
from motia.errors import MotiaError
from motia.middleware import settled
from motia.payload import Record


class TriggerContext(Context):
    """Shares what a context has, also what a middleware has put there.

    Attributes:
        trigger: `type`, `index`, and what the trigger's config says: `method` and `path`, `topic`, `expression`.
    """

    trigger: Record
    _input: Any

    @classmethod
    def of(cls, context: Context, trigger: Record, given: Any) -> TriggerContext:
        """The context of an attempt with this trigger.

        Args:
            given: What the handler gets.
        """
        own = cls.__new__(cls)
        own.__dict__ = context.__dict__
        own.trigger, own._input = trigger, given
        return own

    def is_api(self, _input: Any = None) -> bool:
        """Whether a request started it."""
        return bool(self.trigger["type"] == "http")

    is_http = is_api

    def is_queue(self, _input: Any = None) -> bool:
        """Whether an event started it."""
        return bool(self.trigger["type"] == "queue")

    def is_cron(self, _input: Any = None) -> bool:
        """Whether time started it."""
        return bool(self.trigger["type"] == "cron")

    def is_state(self, _input: Any = None) -> bool:
        """Whether a change of state started it."""
        return bool(self.trigger["type"] == "state")

    def is_stream(self, _input: Any = None) -> bool:
        """Whether a change in a stream started it."""
        return bool(self.trigger["type"] == "stream")

    def get_data(self) -> Any:
        """What there is to work on: the body of a request, the data of an event, the change; None for cron."""
        return self._input.body if self.is_api() else self._input

    getData = get_data

    def match(self, handlers: Mapping[str, Callable[..., Any]]) -> Any:
        """Call the handler for what started the step.

        Args:
            handlers: By `http` (or `api`), `queue`, `cron`, `state`, `stream`, `default`. Each gets the input, but that
                for cron, which gets nothing.

        Raises:
            MotiaError: None is for it.
        """
        kind = self.trigger["type"]
        names = ("http", "api", "default") if kind == "http" else (kind, "default")
        handler = next((handlers[name] for name in names if handlers.get(name) is not None), None)
        if handler is None:
            there = ", ".join(handlers) or "none"
            raise MotiaError(f"match has no handler for {kind!r} and no default; there are: {there}")
        result = handler() if kind == "cron" else handler(self._input)
        return result if asyncio._get_running_loop() is None else settled(result)
