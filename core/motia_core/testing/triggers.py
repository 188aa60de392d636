"""Between what tests and fakes give and get, which are JSON values, and what the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from motia_core.model.invocation import CronTick, EventInput, Outcome, Trigger
from motia_core.model.step import Step, StepType
from motia_core.testing.errors import RigError
from motia_core.testing.operations import to_text

_REQUEST = ("body", "headers", "pathParams", "queryParams", "rawBody")


def to_trigger(step: Step, given: Any, now_ms: int) -> Trigger:
    """What starts a step that a test calls.

    Raises:
        RigError: The step cannot be called, or not with this.
    """
    if step.type is StepType.EVENT:
        topic = step.subscribes[0] if step.subscribes else ""
        return EventInput(topic, b"" if given is None else to_text(given, "the input"), "", now_ms)
    if step.type is StepType.CRON:
        return CronTick(now_ms)
    if step.type is StepType.NOOP:
        raise RigError(f"{step.name} is a noop step: it has no handler")
    if step.is_socket:
        raise RigError(f"{step.name} serves WebSocket connections: connect to it, at motia.url, instead of calling it")
    request = {} if given is None else given
    if not isinstance(request, Mapping) or request.keys() - {*_REQUEST}:
        raise RigError(f"{step.name} is an api step: call it with a dict of {', '.join(_REQUEST)}, all optional")
    return _request(step, request)


def _request(step: Step, given: Mapping[str, Any]) -> HttpRequest:
    body, headers = given.get("body"), {name.lower(): value for name, value in (given.get("headers") or {}).items()}
    params = given.get("pathParams") or {}
    path = step.route
    for name, value in params.items():
        path = path.replace(f":{name}", quote(str(value), safe=""))
    if "body" in given:
        headers.setdefault("content-type", "application/json")
    text = to_text(body, "body") if "body" in given else b""
    raw = given.get("rawBody")
    return HttpRequest(
        step.method or "GET",
        path,
        [str(part) for pair in params.items() for part in pair],
        to_text(given["queryParams"], "queryParams") if given.get("queryParams") else b"",
        [str(part) for pair in headers.items() for part in pair],
        BodyFormat.JSON if "body" in given else BodyFormat.NONE,
        text,
        raw.encode() if isinstance(raw, str) else raw or b"",
    )


def from_trigger(trigger: Trigger) -> Any:
    """What a fake gets: the data of an event, a request, or None."""
    if isinstance(trigger, EventInput):
        return orjson.loads(trigger.data) if trigger.data else None
    if not isinstance(trigger, HttpRequest):
        return None
    is_json = trigger.body_format in (BodyFormat.JSON, BodyFormat.MULTIPART)
    body = orjson.loads(trigger.body) if is_json else trigger.body.decode(errors="replace") or {}
    return {
        "body": body,
        "headers": _pairs(trigger.headers),
        "pathParams": orjson.loads(trigger.path_values) if trigger.path_values else _pairs(trigger.path_params),
        "queryParams": orjson.loads(trigger.query_params) if trigger.query_params else {},
        "rawBody": (trigger.raw_body or trigger.body).decode(errors="replace"),
    }


def to_response(step: Step, result: Any) -> Outcome:
    """What a fake of an api step returned."""
    if not isinstance(result, Mapping) or not isinstance(result.get("status"), int):
        message = f"the fake of {step.name} returned {result!r}: an api step answers {{'status': 200, 'body': …}}"
        return Failure(FailureKind.BAD_RESULT, message, type="BadResultError")
    headers = [str(part) for pair in (result.get("headers") or {}).items() for part in pair]
    body = result.get("body")
    if "body" not in result:
        return HttpResponse(result["status"], headers, BodyKind.NONE, b"")
    if isinstance(body, str):
        return HttpResponse(result["status"], headers, BodyKind.TEXT, body.encode())
    if isinstance(body, bytes):
        return HttpResponse(result["status"], headers, BodyKind.BINARY, body)
    return HttpResponse(result["status"], headers, BodyKind.JSON, to_text(body, "body"))


def from_response(response: HttpResponse) -> dict[str, Any]:
    """What an api step answered."""
    body: Any = None
    if response.body_kind is BodyKind.JSON:
        body = orjson.loads(response.body)
    elif response.body_kind is BodyKind.TEXT:
        body = response.body.decode(errors="replace")
    elif response.body_kind is BodyKind.BINARY:
        body = response.body
    return {"status": response.status, "headers": _pairs(response.headers), "body": body}


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
