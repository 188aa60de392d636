"""Checks what handlers get, and what they emit, against the schemas of steps: the same for every language.

In mode "warn" a violation is logged and the handler runs, as in 0.x; in mode "strict" it does not run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import orjson

from motia_core.engine.ports import Log
from motia_core.errors import EmitInvalidError, RequestSchemaError
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.http import BodyFormat, HttpRequest
from motia_core.model.schema import Violation
from motia_core.model.step import Step

SHOWN = 3  # violations in one line of the log

Mode = Literal["strict", "warn", "off"]


class Validation:
    """Compares values with schemas, and says what follows.

    Args:
        mode: "strict", "warn", or "off": nothing is checked.
    """

    def __init__(self, mode: Mode, log: Log) -> None:
        self._is_on = mode != "off"
        self._is_strict = mode == "strict"
        self._log = log

    def request(self, step: Step, request: HttpRequest, trace_id: str) -> None:
        """Check the body of a request that is about to be handled.

        Raises:
            RequestSchemaError: It violates the step's bodySchema, and that is not let through.
        """
        schema = step.schema
        if schema is None or not self._is_on or request.body_format is BodyFormat.BINARY:
            return
        violations = schema.violations(_body(request))
        if not violations:
            return
        if self._is_strict:
            message = f"The body is not what this route takes: {violations[0]}."
            raise RequestSchemaError(message, errors=[_error("body", violation) for violation in violations])
        what = f"{request.method} {step.route}: the body violates bodySchema"
        self._log.record("warn", f"{what}: {_list(violations)}", step=step.name, trace_id=trace_id)

    def event(self, step: Step, topic: str, data: bytes, trace_id: str) -> Failure | None:
        """Check an event that is about to be handled; how the attempt ends when it must not be."""
        if step.schema is None or not self._is_on:
            return None
        violations = step.schema.violations(data)
        if not violations:
            return None
        message = f"event '{topic}' violates the input schema of '{step.name}': {_list(violations)}"
        if self._is_strict:
            return Failure(FailureKind.SCHEMA, message, type="SchemaError", retry=Retry.NEVER)
        self._log.record("warn", message, step=step.name, trace_id=trace_id)
        return None

    def emit(self, topic: str, data: bytes, subscribers: Iterable[Step]) -> None:
        """Check an event before it is stored. In mode "warn" that is left to its subscribers.

        Raises:
            EmitInvalidError: It violates the input schema of a subscriber; nothing must be stored.
        """
        if not self._is_strict:
            return
        for step in subscribers:
            if step.schema is not None and (violations := step.schema.violations(data)):
                what = f"event '{topic}' violates the input schema of '{step.name}' ({step.path})"
                errors = [_error("data", violation) for violation in violations]
                raise EmitInvalidError(f"{what}: {_list(violations)}", errors=errors)


def _body(request: HttpRequest) -> bytes:
    """The body as the handler sees it, as JSON text."""
    if request.body_format is BodyFormat.NONE:
        return b"{}"
    if request.body_format is BodyFormat.TEXT:
        return orjson.dumps(request.body.decode(errors="replace"))
    return request.body


def _error(place: str, violation: Violation) -> dict[str, str]:
    return {"in": place, **violation._asdict()}


def _list(violations: list[Violation]) -> str:
    shown = "; ".join(map(str, violations[:SHOWN]))
    more = len(violations) - SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown
