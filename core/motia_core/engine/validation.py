"""Checks what handlers get, and what they emit, against the schemas of steps: the same for every language.

In mode "warn" a violation is logged and the handler runs, as in 0.x; in mode "strict" it does not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import orjson

from motia_core.engine.ports import Log
from motia_core.errors import EmitInvalidError, RequestSchemaError, ResponseSchemaError, StreamItemError
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse, SocketEventKind
from motia_core.model.schema import Schema, Violation
from motia_core.model.step import RequestSchemas, Step
from motia_core.model.stream import Stream

SHOWN = 3  # violations in one line of the log

Mode = Literal["strict", "warn", "off"]


class Validation:
    """Compares values with schemas, and says what follows.

    Args:
        mode: "strict", "warn", or "off": nothing is checked.
        responses: The same for the bodies of responses.
    """

    def __init__(self, mode: Mode, log: Log, *, responses: Mode = "off") -> None:
        self._is_on = mode != "off"
        self._is_strict = mode == "strict"
        self._checks_responses = responses != "off"
        self._refuses_responses = responses == "strict"
        self._log = log

    def request(self, step: Step, request: HttpRequest, trace_id: str) -> None:
        """Check a request that is about to be handled, and make its query and path what their schemas say.

        Raises:
            RequestSchemaError: It violates a schema of the step, and that is not let through.
        """
        if not self._is_on:
            return
        found: list[tuple[str, Violation]] = []
        if step.request is not None:
            found += _parameters(step.request, request)
        if step.schema is not None and request.body_format is not BodyFormat.BINARY:
            found += _content(step.schema, request)
        if not found:
            return
        place, first = found[0]
        if self._is_strict:
            errors = [_error(place, violation) for place, violation in found]
            raise RequestSchemaError(f"The {place} is not what this route takes: {first}.", errors=errors)
        what = f"{request.method} {step.route}: the request violates the schemas of '{step.name}'"
        shown = _list([f"{place}{violation.path}: {violation.message}" for place, violation in found])
        self._log.record("warn", f"{what}: {shown}", step=step.name, trace_id=trace_id)

    def response(self, step: Step, response: HttpResponse, trace_id: str) -> None:
        """Check the body of a response that is about to be sent.

        Raises:
            ResponseSchemaError: It violates the step's schema for its status, and that is not let through.
        """
        kind = response.body_kind
        if not self._checks_responses or kind is BodyKind.BINARY or kind is BodyKind.NONE or response.chunks:
            return
        status = str(response.status)
        schemas = step.responses
        schema = schemas.get(status) or schemas.get(f"{status[0]}XX") or schemas.get("DEFAULT")
        if schema is None:
            return
        violations = schema.violations(_text(response.body) if kind is BodyKind.TEXT else response.body)
        if not violations:
            return
        message = f"the response of '{step.name}' violates its schema for {status}: {_list(violations)}"
        level = "error" if self._refuses_responses else "warn"
        self._log.record(level, message, step=step.name, trace_id=trace_id)
        if self._refuses_responses:
            raise ResponseSchemaError(message)

    def event(self, step: Step, topic: str, data: bytes, trace_id: str) -> Failure | None:
        """Check an event that is about to be handled; how the attempt ends when it must not be."""
        if step.schema is None or not self._is_on:
            return None
        violations = step.schema.violations(data)
        if not violations:
            return None
        message = f"event '{topic}' violates the input schema of '{step.name}': {_list(violations)}"
        if self._is_strict:
            details = orjson.dumps({"errors": [_error("data", violation) for violation in violations]})
            return Failure(FailureKind.SCHEMA, message, type="SchemaError", retry=Retry.NEVER, details=details)
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

    def item(self, stream: Stream, group: str, item_id: str, item: dict[str, object]) -> None:
        """Check an item before it is stored.

        Raises:
            StreamItemError: It violates the stream's schema; it must not be stored.
        """
        if stream.schema is None or not self._is_on:
            return
        violations = stream.schema.check(item)
        if not violations:
            return
        what = f"item '{item_id}' of stream '{stream.name}' (group '{group}') violates the schema in {stream.path}"
        if self._is_strict:
            raise StreamItemError(f"{what}: {_list(violations)}", errors=[_error("item", one) for one in violations])
        self._log.record("warn", f"{what}: {_list(violations)}")


def errors_of(failure: Failure) -> list[object]:
    """What an SDK says is wrong with what the handler was to get; empty: it is about something else."""
    details = orjson.loads(failure.details) if failure.details else None
    errors = details.get("errors") if isinstance(details, dict) and details.get("of") == "input" else None
    return errors if isinstance(errors, list) else []


def _parameters(schemas: RequestSchemas, request: HttpRequest) -> Iterator[tuple[str, Violation]]:
    """What is wrong beside the body. Query and path become what their schemas say."""
    if schemas.query is not None:
        values = orjson.loads(request.query_params) if request.query_params else {}
        coerced, violations = schemas.query.read(values)
        request.query_params = orjson.dumps(coerced)
        yield from (("query", violation) for violation in violations)
    if schemas.path is not None:
        coerced, violations = schemas.path.read(_pairs(request.path_params))
        request.path_values = orjson.dumps(coerced)
        yield from (("path", violation) for violation in violations)
    if schemas.headers is not None:  # they stay strings: names and values are the protocol's, not the step's
        yield from (("headers", violation) for violation in schemas.headers.read(_pairs(request.headers))[1])


def _content(schema: Schema, request: HttpRequest) -> Iterator[tuple[str, Violation]]:
    """What is wrong with the body, or the message."""
    if request.socket is not None and request.socket.kind is not SocketEventKind.MESSAGE:
        return
    if request.is_form:
        request.body = orjson.dumps(schema.coerced(orjson.loads(request.body)))
    place = "body" if request.socket is None else "message"
    yield from ((place, violation) for violation in schema.violations(_body(request)))


def _pairs(flat: list[str]) -> dict[str, object]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _body(request: HttpRequest) -> bytes:
    """The body as the handler sees it, as JSON text."""
    if request.body_format is BodyFormat.NONE:
        return b"{}"
    return _text(request.body) if request.body_format is BodyFormat.TEXT else request.body


def _text(body: bytes) -> bytes:
    return orjson.dumps(body.decode(errors="replace"))


def _error(place: str, violation: Violation) -> dict[str, str]:
    return {"in": place, **violation._asdict()}


def _list(violations: Sequence[Violation | str]) -> str:
    shown = "; ".join(map(str, violations[:SHOWN]))
    more = len(violations) - SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown
