"""The management API: `/__motia/…` and, for 0.x clients, `POST /emit`."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException

from motia_core.errors import (
    BodyInvalidError,
    BodyTooLargeError,
    InternalError,
    MethodNotAllowedError,
    MotiaError,
    NotAvailableError,
    QueryInvalidError,
)
from motia_core.failpoints import passing
from motia_core.model.config import describe
from motia_core.model.event import EmitOptions
from motia_core.model.step import StepType
from motia_core.workbench.describe import (
    describe_attempt,
    describe_letter,
    describe_load,
    describe_route,
    describe_step,
)
from motia_core.workbench.guard import check_access
from motia_core.workbench.mount import App, Management

PREFIX = "/__motia"
LARGEST_PAGE = 1_000
CHUNK = 500  # dead letters that are moved at once
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

_REQUEST_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)


def build_api(management: Management) -> App:
    """The application."""
    app = Quart("motia_core.workbench", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = management.settings.max_payload_bytes
    app.before_request(_guard(management))
    app.register_error_handler(Exception, _problem(management))
    api = _Api(management)
    rules: tuple[tuple[str, str, Callable[..., Awaitable[Response]]], ...] = (
        ("GET", "/health", api.health),
        ("GET", "/routes", api.routes),
        ("GET", "/steps", api.steps),
        ("GET", "/problems", api.problems),
        ("GET", "/traces", api.traces),
        ("GET", "/traces/<trace_id>", api.trace),
        ("GET", "/dlq", api.letters),
        ("GET", "/dlq/<int:letter_id>", api.letter),
        ("POST", "/dlq/redrive", api.redrive),
        ("POST", "/dlq/discard", api.discard),
        ("POST", "/emit", api.emit),
    )
    for method, path, endpoint in rules:
        app.add_url_rule(f"{PREFIX}{path}", path, endpoint, methods=[method], provide_automatic_options=False)
    app.add_url_rule("/emit", None, api.emit_as_before, methods=["POST"], provide_automatic_options=False)
    return cast(App, app)


class _Api:
    """The endpoints."""

    def __init__(self, management: Management) -> None:
        self._admin = management.admin
        self._dead_letters = management.dead_letters
        self._traces = management.traces
        self._project = management.project
        self._log = management.log

    async def health(self) -> Response:
        return _json(self._admin.health())

    async def routes(self) -> Response:
        steps = self._project().steps
        return _json({"routes": [describe_route(step) for step in steps if step.type is StepType.API]})

    async def steps(self) -> Response:
        return _json({"steps": [describe_step(step) for step in self._project().steps]})

    async def problems(self) -> Response:
        return _json(describe_load(self._project()))

    async def traces(self) -> Response:
        attempts = await self._traces.recent(limit=_number("limit", 100), step_id=request.args.get("step", ""))
        return _json({"attempts": [describe_attempt(attempt) for attempt in attempts]})

    async def trace(self, trace_id: str) -> Response:
        attempts = await self._traces.trace(trace_id)
        if not attempts:
            raise NotAvailableError(f"There is no trace {trace_id!r}; it may be older than what is kept.")
        return _json({"traceId": trace_id, "attempts": [describe_attempt(attempt) for attempt in attempts]})

    # --- dead letters

    async def letters(self) -> Response:
        limit = _number("limit", 100)
        letters = await self._dead_letters.page(
            topic=request.args.get("topic", ""),
            step_id=request.args.get("step", ""),
            before_id=_number("before", 0, at_most=2**53),
            limit=limit,
        )
        more = letters[-1].delivery.id if len(letters) == limit else None
        shown = [describe_letter(letter, is_whole=False) for letter in letters]
        return _json({"deadLetters": shown, "nextBefore": more})

    async def letter(self, letter_id: int) -> Response:
        letter = await self._dead_letters.get(letter_id)
        if letter is None:
            raise NotAvailableError(f"There is no dead letter {letter_id}; it may have been redriven or discarded.")
        return _json(describe_letter(letter, is_whole=True))

    async def redrive(self) -> Response:
        return _json({"redriven": await self._move(self._admin.redrive)})

    async def discard(self) -> Response:
        return _json({"discarded": await self._move(self._dead_letters.discard)})

    async def _move(self, move: Callable[[list[int]], Awaitable[int]]) -> int:
        ids = await self._selected(await _body())
        moved = 0
        for start in range(0, len(ids), CHUNK):
            moved += await move(ids[start : start + CHUNK])
        return moved

    async def _selected(self, body: dict[str, object]) -> list[int]:
        """The ids that the body means, oldest first."""
        ids, topic, step = body.get("ids"), body.get("topic") or "", body.get("step") or ""
        if isinstance(ids, list) and all(type(one) is int for one in ids) and "all" not in body:
            return sorted(cast(list[int], ids))
        if body.get("all") is not True or ids is not None:
            raise BodyInvalidError('Say which: {"ids": [1, 2]}, or {"all": true} with topic and step as filters.')
        if not isinstance(topic, str) or not isinstance(step, str):
            raise BodyInvalidError("topic and step must be strings.")
        found: list[int] = []
        while page := await self._dead_letters.page(
            topic=topic, step_id=step, before_id=found[-1] if found else 0, limit=CHUNK
        ):
            found += (letter.delivery.id for letter in page)
        return found[::-1]

    # --- emit

    async def emit(self) -> Response:
        body = await _body()
        topic = body.get("topic")
        if not isinstance(topic, str) or not topic:
            raise BodyInvalidError(f"topic must be a string that is not empty, found {describe(topic)}.")
        trace_id, subscribers = await self._emit(topic, body)
        return _json({"traceId": trace_id, "subscribers": subscribers})

    async def emit_as_before(self) -> Response:
        """As in 0.x: always a success, echoing what was sent."""
        body = await _body()
        emitted = {key: body[key] for key in ("topic", "data") if key in body}
        topic = body.get("topic")
        if isinstance(topic, str) and topic:
            await self._emit(topic, body)
        else:
            self._log.record("warn", "POST /emit without a topic: nothing was emitted")
        return _json_text(json.dumps({"success": True, "emitted": emitted}, ensure_ascii=False, separators=(",", ":")))

    async def _emit(self, topic: str, body: dict[str, object]) -> tuple[str, int]:
        group = body.get("messageGroupId") or ""
        if not isinstance(group, str):
            raise BodyInvalidError(f"messageGroupId must be a string, found {describe(group)}.")
        # the standard library's JSON: it keeps integers of any size
        data = json.dumps(body["data"], ensure_ascii=False, separators=(",", ":")).encode() if "data" in body else b""
        emitted = await self._admin.emit(topic, data, EmitOptions(group))
        passing("emit.answering")
        return emitted


def _guard(management: Management) -> Callable[[], Awaitable[None]]:
    async def guard() -> None:
        headers = request.headers
        check_access(
            management.settings.http,
            host=headers.get("host", ""),
            origin=headers.get("origin", ""),
            authorization=headers.get("authorization", ""),
        )
        # a page of another origin can send anything but JSON without being asked first
        if request.method == "POST" and not _REQUEST_TYPE.fullmatch(headers.get("content-type", "")):
            raise BodyInvalidError("Send JSON, with 'Content-Type: application/json'.")

    return guard


async def _body() -> dict[str, object]:
    data = cast(bytes, await request.get_data())
    try:
        body = json.loads(data, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise BodyInvalidError(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise BodyInvalidError(f"The body must be an object, found {describe(body)}.")
    return body


def _not_json(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _number(name: str, default: int, *, at_most: int = LARGEST_PAGE) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,16}", text, re.ASCII) or not 1 <= int(text) <= at_most:
        raise QueryInvalidError(f"{name} must be a number from 1 to {at_most}, found {text!r}.")
    return int(text)


def _problem(management: Management) -> Callable[[Exception], Awaitable[Response]]:
    async def problem(error: Exception) -> Response:
        return _problem_response(_as_ours(error, management))

    return problem


def _as_ours(error: Exception, management: Management) -> MotiaError:
    if isinstance(error, MotiaError):
        return error
    if isinstance(error, HTTPException):
        if error.code == 413:
            return BodyTooLargeError()
        if error.code == 405:
            return MethodNotAllowedError(f"{request.path} does not take {request.method}.")
        return NotAvailableError(f"There is no {request.path} in the management API.")
    management.log.record("error", f"unexpected error in the management API: {type(error).__name__}: {error}")
    return InternalError("Internal server error")


def _problem_response(error: MotiaError) -> Response:
    content: dict[str, Any] = {"error": error.message, "code": error.code}
    if error.details:
        content["details"] = error.details
    response = _json(content, error.http_status)
    if error.http_status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _json(content: object, status: int = 200) -> Response:
    return _json_text(orjson.dumps(content, default=str), status)


def _json_text(body: bytes | str, status: int = 200) -> Response:
    return Response(body, status, HEADERS, content_type="application/json; charset=utf-8")
