"""What files of Motia 1.0 import to reach its engine, in whose place the core is."""

from __future__ import annotations

from typing import NoReturn

from motia.errors import MotiaError


def init_iii(otel_config: object = None) -> None:
    """In 1.0: connects to the engine. The core has started this process and is connected: there is nothing to do."""


def get_instance() -> NoReturn:
    """In 1.0: the connection to the engine, which is not there."""
    raise MotiaError(
        "get_instance() is the connection to the engine of Motia 1.0, which motia-core does not have: "
        "use enqueue, stateManager and Stream of motia, or a step"
    )
