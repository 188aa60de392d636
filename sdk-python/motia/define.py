"""`step(config, handler)`: a step as a value, of which a file may have several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motia.definition import StepDefinition, UserFunction


def step(config: Mapping[Any, Any], handler: UserFunction | None = None) -> StepDefinition:
    """A step of the file that keeps it: `clean_up = step({…}, handler)`, or `step({…}).handle(handler)`.

    Args:
        config: As `config` of a file.
        handler: As `handler` of a file.
    """
    return StepDefinition(dict(config), handler)
