"""The context that handlers get. Calls are sent at once; async handlers await their answers, sync ones block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motia._gen.motia.v1 import sidecar_pb2
from motia.attempt import Attempt
from motia.caller import Caller, key_of, to_none
from motia.cancellation import Signal
from motia.logger import Logger
from motia.runtime import Runtime
from motia.state import State
from motia.streams import Streams


class Context:
    """What a handler can do and know besides its input.

    Attributes:
        trace_id: The same through a whole chain of events; also `traceId`.
        flows: The flows that the step's config names.
        attempt: 1 for the first try.
        max_attempts: How many tries the step's retry policy allows; also `maxAttempts`.
        state: The key-value store.
        streams: The streams by name.
        logger: Structured logs.
    """

    def __init__(self, attempt: Attempt, runtime: Runtime) -> None:
        invoke = attempt.invoke
        self._attempt = attempt
        self._caller = caller = Caller(attempt, runtime)
        self.trace_id = trace_id = invoke.trace_id
        self.state = State(caller)
        self.streams = Streams(caller)
        self.logger = Logger(runtime.telemetry, runtime.log_level, attempt.id, attempt.step.path, trace_id)

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
    def signal(self) -> Signal:
        """Tells when the attempt is to stop."""
        return Signal(self._attempt)

    def emit(self, event: Any = None, *_ignored: Any, **fields: Any) -> Any:
        """Publish an event: `emit({"topic": …, "data": …, "messageGroupId": …})`.

        The event is durable once the answer is there. Without a topic the core warns and drops it.
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
        group = event.get("messageGroupId", event.get("message_group_id"))
        if group is not None:
            operation.message_group_id = key_of(group, "messageGroupId")
        operation.SetInParent()
        return self._caller.send(frame, to_none)


FlowContext = Context  # the name of Motia 0.x
