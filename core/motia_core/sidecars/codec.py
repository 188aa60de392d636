"""Between the engine's values and the protocol's frames. Frames are written in place, into the batch that is sent."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, telemetry_pb2
from motia_core.errors import EmitInvalidError, MotiaError, PayloadTooLargeError
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse, SocketEventKind
from motia_core.model.invocation import CancelReason, CronTick, Done, EventInput, Invocation, Outcome, Pool, Suspended
from motia_core.model.project import LoadedStep, LoadedStream, Manifest, Phase, Problem
from motia_core.model.stream import HookAnswer, StreamHook, StreamHookKind
from motia_core.model.trace import SpanRecord
from motia_core.sidecars.json_object import read_object

KINDS: dict[int, FailureKind] = {
    failure_pb2.FAILURE_KIND_UNSPECIFIED: FailureKind.APPLICATION,
    failure_pb2.FAILURE_KIND_APPLICATION: FailureKind.APPLICATION,
    failure_pb2.FAILURE_KIND_TIMEOUT: FailureKind.TIMEOUT,
    failure_pb2.FAILURE_KIND_CANCELLED: FailureKind.CANCELLED,
    failure_pb2.FAILURE_KIND_SIDECAR_LOST: FailureKind.SIDECAR_LOST,
    failure_pb2.FAILURE_KIND_LOAD_ERROR: FailureKind.LOAD_ERROR,
    failure_pb2.FAILURE_KIND_SCHEMA: FailureKind.SCHEMA,
    failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE: FailureKind.PAYLOAD_TOO_LARGE,
    failure_pb2.FAILURE_KIND_INTERNAL: FailureKind.INTERNAL,
    failure_pb2.FAILURE_KIND_BAD_RESULT: FailureKind.BAD_RESULT,
}
RETRIES: dict[int, Retry] = {
    failure_pb2.RETRY_UNSPECIFIED: Retry.DEFAULT,
    failure_pb2.RETRY_AFTER: Retry.AFTER,
    failure_pb2.RETRY_NEVER: Retry.NEVER,
}
PHASES: dict[int, Phase] = {
    manifest_pb2.LOAD_PHASE_UNSPECIFIED: "import",
    manifest_pb2.LOAD_PHASE_RESOLVE: "resolve",
    manifest_pb2.LOAD_PHASE_COMPILE: "compile",
    manifest_pb2.LOAD_PHASE_IMPORT: "import",
    manifest_pb2.LOAD_PHASE_CONFIG: "config",
}
POOLS = {Pool.API: lifecycle_pb2.POOL_API, Pool.BACKGROUND: lifecycle_pb2.POOL_BACKGROUND}
BODY_FORMATS = {
    BodyFormat.NONE: invoke_pb2.BODY_FORMAT_UNSPECIFIED,
    BodyFormat.JSON: invoke_pb2.BODY_FORMAT_JSON,
    BodyFormat.TEXT: invoke_pb2.BODY_FORMAT_TEXT,
    BodyFormat.BINARY: invoke_pb2.BODY_FORMAT_BINARY,
    BodyFormat.MULTIPART: invoke_pb2.BODY_FORMAT_MULTIPART,
}
SOCKET_EVENT_KINDS = {
    SocketEventKind.CONNECT: invoke_pb2.SOCKET_EVENT_KIND_CONNECT,
    SocketEventKind.MESSAGE: invoke_pb2.SOCKET_EVENT_KIND_MESSAGE,
    SocketEventKind.CLOSE: invoke_pb2.SOCKET_EVENT_KIND_CLOSE,
}
HOOK_KINDS = {
    StreamHookKind.AUTHENTICATE: invoke_pb2.STREAM_HOOK_KIND_AUTHENTICATE,
    StreamHookKind.CAN_ACCESS: invoke_pb2.STREAM_HOOK_KIND_CAN_ACCESS,
    StreamHookKind.CAN_SEND: invoke_pb2.STREAM_HOOK_KIND_CAN_SEND,
    StreamHookKind.JOIN: invoke_pb2.STREAM_HOOK_KIND_JOIN,
    StreamHookKind.LEAVE: invoke_pb2.STREAM_HOOK_KIND_LEAVE,
}
CANCEL_REASONS = {
    CancelReason.TIMEOUT: invoke_pb2.CANCEL_REASON_TIMEOUT,
    CancelReason.CLIENT_GONE: invoke_pb2.CANCEL_REASON_CLIENT_GONE,
    CancelReason.USER: invoke_pb2.CANCEL_REASON_USER,
    CancelReason.SHUTDOWN: invoke_pb2.CANCEL_REASON_SHUTDOWN,
}
DEEPEST_CAUSE = 8
LONGEST_MS = 2**52  # durations and times are cut to this: it is for ever, and two of them can be added
CALL_FAILURES: dict[type[MotiaError], failure_pb2.FailureKind] = {
    EmitInvalidError: failure_pb2.FAILURE_KIND_SCHEMA,
    PayloadTooLargeError: failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE,
}
HIGHEST_ID = 2**63 - 1  # that a store can hold
LONGEST_SPAN_ID = 16  # characters
LONGEST_NAME = 200  # characters of what users call something
BODY_KINDS = {kind.value: kind for kind in BodyKind}


def write_invoke(
    frame: invoke_pb2.Invoke,
    invocation: Invocation,
    digest: str,
    deadline_unix_ms: int,
    *,
    with_files: bool = False,
) -> None:
    """Fill an Invoke frame.

    Args:
        deadline_unix_ms: 0: none.
        with_files: The sidecar does not see our disk: uploaded files go along.
    """
    frame.invocation_id = invocation.id
    frame.lease_token = invocation.lease_token
    frame.attempt = invocation.attempt
    frame.max_attempts = invocation.max_attempts
    frame.step = invocation.step.reference
    frame.manifest_digest = digest
    frame.pool = POOLS[invocation.pool]
    if invocation.timeout_ms:
        frame.timeout_ms = invocation.timeout_ms
        frame.deadline_unix_ms = deadline_unix_ms
    trace = invocation.trace
    frame.trace_id = trace.trace_id
    frame.traceparent = trace.traceparent
    if trace.tracestate:
        frame.tracestate = trace.tracestate
    if trace.baggage:
        frame.baggage = trace.baggage
    trigger = invocation.trigger
    if type(trigger) is HttpRequest:
        _write_request(frame.http, trigger, with_files=with_files)
        return
    if type(trigger) is StreamHook:
        _write_hook(frame.stream, trigger)
        return
    frame.durable = True
    for key, value in invocation.remembered.items():
        frame.remembered.add(key=key, value=value)
    if type(trigger) is EventInput:
        event = frame.event
        event.topic = trigger.topic
        event.data = trigger.data
        event.message_group_id = trigger.message_group_id
        event.emitted_unix_ms = trigger.emitted_ms
    elif type(trigger) is CronTick:
        frame.cron.scheduled_unix_ms = trigger.scheduled_ms


def read_span(span: telemetry_pb2.Span) -> SpanRecord:
    """A span as it is recorded; its `id` and `time_ms` come later."""
    return SpanRecord(
        0,
        min(span.invocation_id, HIGHEST_ID),
        span.trace_id,
        span.span_id[:LONGEST_SPAN_ID],
        span.parent_span_id[:LONGEST_SPAN_ID],
        span.name[:LONGEST_NAME],
        span.kind[:LONGEST_SPAN_ID],
        0,
        min(span.offset_us, LONGEST_MS),
        min(span.duration_us, LONGEST_MS),
        span.error[:LONGEST_NAME],
        span.attributes,
    )


def _write_request(frame: invoke_pb2.HttpRequest, request: HttpRequest, *, with_files: bool) -> None:
    frame.method = request.method
    frame.path = request.path
    if request.path_params:
        frame.path_params.extend(request.path_params)
        frame.path_values = request.path_values
    if request.query_params:
        frame.query_params = request.query_params
    frame.headers.extend(request.headers)
    if request.body_format:
        frame.body_format = BODY_FORMATS[request.body_format]
        frame.body = request.body
        frame.raw_body = request.raw_body
    if request.socket is not None:
        event = request.socket
        frame.socket.kind = SOCKET_EVENT_KINDS[event.kind]
        frame.socket.connection_id = event.connection_id
        frame.socket.code = event.code
        frame.socket.reason = event.reason
    for file in request.files or ():
        sent = frame.files.add(field=file.field, filename=file.filename, content_type=file.content_type, size=file.size)
        if file.path is None:
            sent.data = file.data
        elif with_files:
            sent.data = file.path.read_bytes()
        else:
            sent.path = str(file.path)


def _write_hook(frame: invoke_pb2.StreamHook, hook: StreamHook) -> None:
    frame.kind = HOOK_KINDS[hook.kind]
    frame.stream, frame.group_id, frame.id = hook.address
    frame.auth = hook.auth
    frame.connection_id = hook.connection_id
    frame.url = hook.url
    frame.headers.extend(hook.headers)
    if hook.message is not None:
        frame.message_type, frame.message_data = hook.message.type, hook.message.data or b""


def read_outcome(frame: invoke_pb2.Complete) -> Outcome | None:
    """What a Complete says; None when it says nothing."""
    which = frame.WhichOneof("outcome")
    if which == "http":
        return read_response(frame.http)
    if which == "done":
        return Done()
    if which == "failure":
        return read_failure(frame.failure)
    if which == "suspended":
        return _read_suspended(frame.suspended)
    if which == "answer":
        return _read_answer(frame.answer.value)
    return None


def _read_answer(value: bytes) -> HookAnswer | Failure:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError as error:
        message = f"the sidecar's answer of the hook is not JSON: {error}"
        return Failure(FailureKind.BAD_RESULT, message, type="HookError")
    return HookAnswer(value)


def read_response(frame: invoke_pb2.HttpResponse) -> HttpResponse:
    """What an api handler returned."""
    kind = BODY_KINDS.get(frame.body_kind, BodyKind.BINARY)
    return HttpResponse(frame.status, list(frame.headers), kind, frame.body)


def _read_suspended(frame: invoke_pb2.Suspended) -> Suspended | Failure | None:
    """A wait; a Failure when what the handler waits for makes no sense; None when the frame does not say."""
    until = frame.WhichOneof("until")
    if not frame.key or until is None:
        return None
    if until == "sleep_ms":
        return Suspended(frame.key, sleep_ms=min(frame.sleep_ms, LONGEST_MS))
    wait = frame.wait_for
    if not wait.topic:
        return _bad_wait(frame.key, "has no topic: write waitFor('order.approved')")
    if wait.match and isinstance(why := read_object(wait.match), str):
        return _bad_wait(frame.key, f"for '{wait.topic}' has a match that is not a JSON object: {why}")
    timeout_ms = min(wait.timeout_ms, LONGEST_MS)
    return Suspended(frame.key, topic=wait.topic, match=wait.match, timeout_ms=timeout_ms)


def _bad_wait(key: str, what: str) -> Failure:
    return Failure(FailureKind.BAD_RESULT, f"the wait '{key}' {what}", type="SuspendError")


def read_failure(frame: failure_pb2.Failure, depth: int = 1) -> Failure:
    """A Failure from a sidecar."""
    cause = read_failure(frame.cause, depth + 1) if frame.HasField("cause") and depth < DEEPEST_CAUSE else None
    return Failure(
        kind=KINDS.get(frame.kind, FailureKind.APPLICATION),
        message=frame.message,
        type=frame.type,
        stack=frame.stack,
        language=frame.language,
        retry=RETRIES.get(frame.retry, Retry.DEFAULT),
        retry_after_ms=min(frame.retry_after_ms, LONGEST_MS),
        details=frame.details,
        cause=cause,
    )


def write_call_failure(frame: failure_pb2.Failure, error: MotiaError) -> None:
    """Fill the Failure of a CallReply."""
    frame.kind = CALL_FAILURES.get(type(error), failure_pb2.FAILURE_KIND_INTERNAL)
    frame.type = type(error).__name__
    frame.message = error.message


def read_manifest(frame: manifest_pb2.Manifest) -> Manifest:
    """What a sidecar made of its files. A config that is not a JSON object becomes a problem."""
    steps: list[LoadedStep] = []
    streams: list[LoadedStream] = []
    problems = [read_file_error(error) for error in frame.errors]
    keys: set[tuple[str, str]] = set()
    for step in frame.steps:
        config = read_object(step.config)
        if isinstance(config, str):
            problems.append(_bad_config(step.path, config))
        elif (step.path, step.key) in keys:
            cause = f"the sidecar described two steps of this file with the key {step.key!r}"
            problems.append(Problem("error", step.path, "config", cause, step.line))
        else:
            keys.add((step.path, step.key))
            steps.append(_read_step(step, config))
    for stream in frame.streams:
        config = read_object(stream.config)
        if isinstance(config, str):
            problems.append(_bad_config(stream.path, config))
            continue
        streams.append(LoadedStream(stream.path, config, _hooks(stream), tuple(stream.warnings)))
    problems += (Problem("warning", frame.config.path, "config", warning) for warning in frame.config.warnings)
    own = frame.config
    hook = own.app_hook.address
    return Manifest(tuple(steps), tuple(streams), tuple(problems), own.has_middleware, hook, own.has_stream_auth)


def _read_step(step: manifest_pb2.StepDefinition, config: Mapping[str, object]) -> LoadedStep:
    return LoadedStep(
        step.path,
        config,
        step.has_handler,
        step.middleware_count,
        step.line,
        tuple(step.warnings),
        step.key,
        step.trigger,
    )


def read_file_error(error: manifest_pb2.FileError) -> Problem:
    """Why a file could not be loaded, with what to do where that is known."""
    where = f" ({error.file}:{error.line})" if error.file and error.file != error.path else ""
    return Problem(
        severity="error",
        file=error.path,
        phase=PHASES.get(error.phase, "import"),
        cause=error.message + where,
        line=error.line if not where else 0,
        stack=error.stack,
        missing_module=error.missing_module,
    )


def _hooks(stream: manifest_pb2.StreamDefinition) -> frozenset[StreamHookKind]:
    defined = {
        StreamHookKind.CAN_ACCESS: stream.has_can_access,
        StreamHookKind.CAN_SEND: stream.has_can_send,
        StreamHookKind.JOIN: stream.has_on_join,
        StreamHookKind.LEAVE: stream.has_on_leave,
    }
    return frozenset(kind for kind, is_there in defined.items() if is_there)


def _bad_config(path: str, why: str) -> Problem:
    return Problem("error", path, "config", f"the sidecar sent a config that is not a JSON object: {why}")


def payload_bytes(invocation: Invocation, with_files: bool = False) -> int:
    """How much of an Invoke is what others have sent."""
    trigger = invocation.trigger
    if type(trigger) is HttpRequest:
        files = sum(file.size if with_files else len(file.data) for file in trigger.files) if trigger.files else 0
        return len(trigger.body) + len(trigger.raw_body) + files
    if type(trigger) is StreamHook:
        return len(trigger.auth) + (len(trigger.message.data or b"") if trigger.message else 0)
    remembered = sum(map(len, invocation.remembered.values())) if invocation.remembered else 0
    return remembered + (len(trigger.data) if type(trigger) is EventInput else 0)
