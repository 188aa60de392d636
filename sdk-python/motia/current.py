"""Which attempt the running code belongs to: what functions that are imported, and not handed over, work with."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from motia.errors import OutsideOfStepError

if TYPE_CHECKING:
    from motia.context import Context

running: ContextVar[Context | None] = ContextVar("motia_running", default=None)


def current(what: str) -> Context:
    """The context of the attempt that this code runs in.

    Args:
        what: Is asked for it, for the error.

    Raises:
        OutsideOfStepError: No step runs here.
    """
    context = running.get()
    if context is None:
        raise OutsideOfStepError(
            f"{what} works within a step only: call it while a handler runs, not while its file is imported and not "
            "in a thread that the handler started without its contextvars"
        )
    return context
