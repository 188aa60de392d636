"""The context that handlers get. Calls are sent at once; async handlers await their answers, sync ones block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, ClassVar

from motia._gen.motia.v1 import sidecar_pb2
from motia.attempt import Attempt
from motia.caller import Caller, to_none
from motia.cancellation import Signal
from motia.emit_options import fill_options
from motia.logs import Logger
from motia.progress import Progress, progress_of
from motia.runtime import Runtime
from motia.sockets import Sockets
from motia.states import State
from motia.streams import Streams


class Context:
    """What a handler can do and know besides its input.

    Attributes:
        trace_id: The same through a whole chain of events; also `traceId`.
        traceparent: W3C: the trace and the span of this attempt, for requests that the handler sends elsewhere.
        flows: The flows that the step's config names.
        attempt: 1 for the first try.
        max_attempts: How many tries the step's retry policy allows; also `maxAttempts`.
        state: The key-value store.
        streams: The streams by name.
        sockets: The WebSocket connections of this core.
        logger: Structured logs.
    """

    __class_getitem__: ClassVar[Any] = classmethod(GenericAlias)  # hints may say what is emitted: FlowContext[Any]

    def __init__(self, attempt: Attempt, runtime: Runtime) -> None:
        invoke = attempt.invoke
        self._attempt = attempt
        self._caller = caller = Caller(attempt, runtime)
        self.trace_id = trace_id = invoke.trace_id
        self.traceparent = invoke.traceparent
        self.state = State(caller)
        self.streams = Streams(caller)
        self.sockets = Sockets(caller)
        self.logger = Logger(runtime.telemetry, runtime.log_level, attempt.id, attempt.step.reference, trace_id)

    @property
    def traceId(self) -> str:
        """As `trace_id`."""
        return self.trace_id

    @property
    def flows(self) -> list[str]:
        """The flows that the step's config names."""
        return list(self._attempt.step.flows)

    @property
    def attempt(self) -> int:
        """1 for the first try."""
        return self._attempt.invoke.attempt

    @property
    def max_attempts(self) -> int:
        """How many tries the step's retry policy allows."""
        return self._attempt.invoke.max_attempts

    maxAttempts = max_attempts

    @property
    def attempt_handle(self) -> Attempt:
        """What this is the context of, for the SDK."""
        return self._attempt

    @property
    def signal(self) -> Signal:
        """Tells when the attempt is to stop."""
        return Signal(self._attempt)

    def emit(self, event: Any = None, *_ignored: Any, **fields: Any) -> Any:
        """Publish an event: `emit({"topic": …, "data": …})`. It is durable once the answer is there.

        Further keys, in camelCase or snake_case:
            messageGroupId: Events of one group run in order, where the subscriber's queue is fifo.
            delay: How long to hold it back: seconds, a timedelta, or "500ms", "30s", "5m", "2h", "7d".
            at: When to deliver it instead: a datetime, an ISO 8601 text, or seconds since the epoch.
            idempotencyKey: An event whose topic and key were seen within `idempotencyWindow` (a duration) is dropped.
            priority: -100 to 100; higher ones are started first.

        Without a topic the core warns and drops the event. ValueError: an option makes no sense.
        """
        if fields:
            event = {**event, **fields} if isinstance(event, Mapping) else fields
        if not isinstance(event, Mapping):
            event = {}
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.emit
        topic = event.get("topic")
        operation.topic = topic if isinstance(topic, str) else ""
        if "data" in event:
            operation.data = self._caller.payload(event["data"], "data")
        if len(event) > 2 or "data" not in event:  # more than topic and data
            fill_options(operation, event)
        operation.SetInParent()
        return self._caller.send(frame, to_none)

    def run(self, key: str, fn: Callable[[], Any]) -> Any:
        """Call `fn` once for this event: later attempts get what it returned instead, under the same key.

        Args:
            key: Tells this work from other work of the same event.
            fn: Sync or async, without arguments. What it returns is handed on as JSON has it: a date is a text then.
                When it raises, nothing is remembered. In api steps, whose attempts are never repeated, it just runs.
        """
        return self._progress.run(key, fn)

    def sleep(self, duration: Any, key: str | None = None) -> Any:
        """Pause for a duration without holding a process: the attempt ends here, and survives restarts.

        The handler is called again from its start when the time is over; this call then returns at once, and so does
        every `run` that was remembered. For event and cron steps.

        Args:
            duration: Seconds, a timedelta, or "500ms", "30s", "5m", "2h", "7d".
            key: Names the pause; "sleep:1", "sleep:2", … by order of calls when not given.
        """
        return self._progress.sleep(duration, key)

    def wait_for(
        self, topic: str, match: Mapping[str, Any] | None = None, timeout: Any = None, key: str | None = None
    ) -> Any:
        """Wait for an event as `sleep` waits for a time. Returns its data, None when there was none in time.

        An event that was emitted before this call, but after the one that the step handles, counts as well.

        Args:
            topic: Where it will be emitted.
            match: What its data must have: the same members with equal values, nested objects likewise.
            timeout: How long to wait at most, as in `sleep`; None: for ever.
            key: Names the wait; "wait:1", "wait:2", … by order of calls when not given.
        """
        return self._progress.wait_for(topic, match, timeout, key)

    waitFor = wait_for

    @property
    def _progress(self) -> Progress:
        return self._attempt.progress or progress_of(self._attempt, self._caller)


FlowContext = Context  # the name of Motia 0.x
