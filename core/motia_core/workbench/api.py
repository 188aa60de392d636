"""The management API: `/__motia/…` and what 0.x had elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException

from motia_core.errors import (
    BodyInvalidError,
    BodyTooLargeError,
    InternalError,
    MethodNotAllowedError,
    MotiaError,
    NotAvailableError,
)
from motia_core.failpoints import passing
from motia_core.model.step import StepType
from motia_core.model.wording import describe
from motia_core.workbench.as_before import AsBefore
from motia_core.workbench.audit import Audit
from motia_core.workbench.bullmq.endpoints import Bull
from motia_core.workbench.components import Components
from motia_core.workbench.controls import Controls
from motia_core.workbench.describe import (
    describe_attempt,
    describe_cron,
    describe_load,
    describe_route,
    describe_step,
)
from motia_core.workbench.descriptions import Descriptions
from motia_core.workbench.emitting import emit_options
from motia_core.workbench.exchange import Rule, json_text, read_body, read_number, to_json
from motia_core.workbench.feed import LiveFeed
from motia_core.workbench.guard import check_access
from motia_core.workbench.history import StateHistory
from motia_core.workbench.letters import Letters
from motia_core.workbench.metrics import Metrics
from motia_core.workbench.mount import OF_0X, App, Management
from motia_core.workbench.overview import Overview
from motia_core.workbench.runs import Runs
from motia_core.workbench.states import States, StreamItems
from motia_core.workbench.tabs import Tabs

PREFIX = "/__motia"
OPEN = (f"{PREFIX}/live", f"{PREFIX}/ready")  # for who watches over processes, and has no token

_REQUEST_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)


def build_api(management: Management) -> App:
    """The application."""
    app = Quart("motia_core.workbench", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = management.settings.max_payload_bytes
    app.before_request(_guard(management))
    app.register_error_handler(Exception, _problem(management))
    api = _Api(management, Audit(management.recorded_log, management.traces))
    for method, path, endpoint in _rules(management, api):
        app.add_url_rule(
            f"{PREFIX}{path}", f"{method} {path}", endpoint, methods=[method], provide_automatic_options=False
        )
    for method, path, endpoint in _elsewhere(management, api):
        app.add_url_rule(path, f"{method} /{path}", endpoint, methods=[method], provide_automatic_options=False)
    return cast(App, app)


class _Api:
    """The endpoints."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self.audit = audit
        self._admin = management.admin
        self._traces = management.traces
        self._project = management.project
        self._log = management.log

    async def health(self) -> Response:
        return to_json(self._admin.health())

    async def routes(self) -> Response:
        steps = self._project().steps
        return to_json({"routes": [describe_route(step) for step in steps if step.type is StepType.API]})

    async def steps(self) -> Response:
        return to_json({"steps": [describe_step(step) for step in self._project().steps]})

    async def problems(self) -> Response:
        project = self._project()
        return to_json({**describe_load(project), "kept": sorted(project.kept)})

    async def traces(self) -> Response:
        attempts = await self._traces.recent(limit=read_number("limit", 100), step_id=request.args.get("step", ""))
        return to_json({"attempts": [describe_attempt(attempt) for attempt in attempts]})

    # --- cron

    async def cron(self) -> Response:
        return to_json({"cron": [describe_cron(info) for info in self._admin.cron()]})

    async def run_cron(self) -> Response:
        body = await read_body()
        step = body.get("step")
        if not isinstance(step, str) or not step:
            raise BodyInvalidError(f"step must be the name of a cron step, found {describe(step)}.")
        trace_id = await self._admin.run_cron(step)
        self.audit.note("cron.run", step, traceId=trace_id)
        return to_json({"traceId": trace_id})

    # --- emit

    async def emit(self) -> Response:
        body = await read_body()
        topic = body.get("topic")
        if not isinstance(topic, str) or not topic:
            raise BodyInvalidError(f"topic must be a string that is not empty, found {describe(topic)}.")
        trace_id, subscribers = await self._emit(topic, body)
        self.audit.note("event.emit", topic, traceId=trace_id)
        return to_json({"traceId": trace_id, "subscribers": subscribers})

    async def emit_as_before(self) -> Response:
        """As in 0.x: always a success, echoing what was sent."""
        body = await read_body()
        emitted = {key: body[key] for key in ("topic", "data") if key in body}
        topic = body.get("topic")
        if isinstance(topic, str) and topic:
            await self._emit(topic, body)
        else:
            self._log.record("warn", "POST /emit without a topic: nothing was emitted")
        return json_text(json.dumps({"success": True, "emitted": emitted}, ensure_ascii=False, separators=(",", ":")))

    async def _emit(self, topic: str, body: dict[str, object]) -> tuple[str, int]:
        options = emit_options(body)
        # the standard library's JSON: it keeps integers of any size
        data = json.dumps(body["data"], ensure_ascii=False, separators=(",", ":")).encode() if "data" in body else b""
        emitted = await self._admin.emit(topic, data, options)
        passing("emit.answering")
        return emitted


def _rules(management: Management, api: _Api) -> Iterator[Rule]:
    audit = api.audit
    letters, described, metrics = Letters(management, audit), Descriptions(management), Metrics(management)
    yield from (
        ("GET", "/health", api.health),
        ("GET", "/live", metrics.live),
        ("GET", "/ready", metrics.ready),
        ("GET", "/metrics", metrics.metrics),
        ("GET", "/audit", audit.page),
        ("GET", "/routes", api.routes),
        ("GET", "/steps", api.steps),
        ("GET", "/problems", api.problems),
        ("GET", "/traces", api.traces),
        ("GET", "/openapi.json", described.openapi),
        ("GET", "/asyncapi.json", described.asyncapi),
        ("GET", "/management.json", described.management),
        ("GET", "/docs", described.docs),
        ("GET", "/docs/<name>", described.asset),
        ("GET", "/dlq", letters.page),
        ("GET", "/dlq/<int:letter_id>", letters.one),
        ("POST", "/dlq/redrive", letters.redrive),
        ("POST", "/dlq/discard", letters.discard),
        ("GET", "/cron", api.cron),
        ("POST", "/cron/run", api.run_cron),
        ("POST", "/emit", api.emit),
    )
    yield from _seen(management, audit)
    yield from Bull(management, audit).rules()


def _elsewhere(management: Management, api: _Api) -> Iterator[Rule]:
    """What 0.x had outside of the prefix."""
    before = AsBefore(management)
    user, status = before.analytics_user, before.analytics_status
    yield from zip(("POST", "GET", "GET"), OF_0X, (api.emit_as_before, user, status), strict=True)


def _seen(management: Management, audit: Audit) -> Iterator[Rule]:
    overview, runs, states = Overview(management, audit), Runs(management, audit), States(management, audit)
    items, feed, controls = StreamItems(management, audit), LiveFeed(management), Controls(management, audit)
    components, tabs = Components(management), Tabs(management)
    yield from (
        ("GET", "", overview.root),
        ("GET", "/", overview.root),
        ("GET", "/overview", overview.overview),
        ("GET", "/steps/source", overview.source),
        ("GET", "/step/<step_id>", AsBefore(management).step),
        ("GET", "/flows", overview.flows),
        ("GET", "/flows/<path:flow_id>/mermaid", overview.mermaid),
        ("POST", "/flows/<path:flow_id>/config", overview.save_positions),
        ("GET", "/nodes", components.module),
        ("GET", "/tabs", tabs.all),
        ("GET", "/tabs/<tab_id>", tabs.module),
        ("GET", "/stats", overview.stats),
        ("GET", "/runs", runs.page),
        ("POST", "/replay", runs.replay),
        ("POST", "/trace/clear", runs.clear),
        ("GET", "/logs", runs.logs),
        ("POST", "/logs/clear", runs.clear_logs),
        ("GET", "/state/groups", states.groups),
        ("GET", "/state/values", states.values),
        ("GET", "/state/history", StateHistory(management, audit).page),
        ("POST", "/state/set", states.set),
        ("POST", "/state/remove", states.remove),
        ("GET", "/state", states.items_as_before),
        ("POST", "/state", states.set_as_before),
        ("POST", "/state/delete", states.delete_as_before),
        ("GET", "/streams", items.all),
        ("GET", "/streams/all", items.all),
        ("GET", "/streams/details/<path:name>", items.details),
        ("GET", "/streams/group/<name>/<path:group_id>", items.group),
        ("GET", "/streams/item/<name>/<group_id>/<path:item_id>", items.item),
        ("GET", "/stream-groups", items.groups),
        ("POST", "/stream-items", items.write),
        ("GET", "/queues", overview.queues),
        ("GET", "/queues/deliveries", overview.deliveries),
        ("POST", "/queues/pause", controls.pause),
        ("POST", "/queues/resume", controls.resume),
        ("POST", "/cron/pause", controls.pause),
        ("POST", "/cron/resume", controls.resume),
        ("GET", "/sidecars", overview.sidecars),
        ("POST", "/sidecars/restart", controls.restart),
        ("GET", "/feed", feed.stream),
        ("GET", "/traces/<trace_id>", runs.one),
    )


def _guard(management: Management) -> Callable[[], Awaitable[None]]:
    async def guard() -> None:
        if request.path in OPEN:
            return
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
    response = to_json(content, error.http_status)
    if error.http_status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
