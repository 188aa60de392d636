"""Mutants that go wrong with calls, failures, sizes and log records."""

from __future__ import annotations

import asyncio
from typing import Any

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, sidecar_pb2, telemetry_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import Attempt, Sidecar


@breaks("CALL-1", "late_frames")
class SameCallId(Sidecar):
    """Gives every call of an attempt that waits the same id."""

    def context(self, attempt: Attempt) -> Any:
        context = super().context(attempt)
        get = context.state.get

        def twice(group: str, key: str) -> Any:
            answer = get(group, key)
            self.outbox.append(self.calls[self.last_call][1])
            return answer

        context.state.get = twice
        return context


@breaks("CALL-2", "late_frames")
class DiesOfUnknownReplies(Sidecar):
    """Takes a reply that it does not expect for an error."""

    def on_call_reply(self, reply: Any) -> None:
        if reply.call_id not in self.calls:
            raise sidecar.RefusedError("an unknown call")
        super().on_call_reply(reply)


@breaks("CALL-3", "calls")
class CallsWithoutLease(Sidecar):
    """Does not repeat the lease token in calls."""

    def call(self, attempt: Attempt, **operation: Any) -> Any:
        answer = super().call(attempt, **operation)
        self.outbox[-1].call.lease_token = 0
        return answer


@breaks("CALL-4", "failed_call")
class IgnoresFailedCalls(Sidecar):
    """Gives a handler whose call failed nothing, and no error."""

    def on_call_reply(self, reply: Any) -> None:
        if reply.HasField("failure"):
            reply.value = b"null"
        super().on_call_reply(reply)


@breaks("CALL-8", "calls")
class EmitsPythonText(Sidecar):
    """Writes values as its language shows them."""

    def call(self, attempt: Attempt, **operation: Any) -> Any:
        answer = super().call(attempt, **operation)
        if self.outbox[-1].call.HasField("emit"):
            self.outbox[-1].call.emit.data = b"{'n': 1}"
        return answer


@breaks("CALL-10", "calls")
class CallsAfterItsEnd(Sidecar):
    """Sends what a handler asks when its attempt is over."""

    def complete(self, attempt: Attempt, outcome: dict[str, Any]) -> None:
        super().complete(attempt, outcome)
        self.call(attempt, state_get=sidecar.call_pb2.StateGet(group_id="wire", key="late"))


@breaks("CALL-12", "forgotten_call")
class LazyCalls(Sidecar):
    """Starts a call when the handler waits for it."""

    def context(self, attempt: Attempt) -> Any:
        context = super().context(attempt)
        emit = context.emit

        async def lazily(event: Any) -> Any:
            return await emit(event)

        context.emit = lambda event: lazily(event).close()
        return context


@breaks("PROGRESS-8", "calls")
class SuspendsWithoutKey(Sidecar):
    """Does not say what it waits for."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        changed = {"suspended": invoke_pb2.Suspended()} if "done" in outcome else outcome
        return super().completion(attempt, changed)


@breaks("FAILURE-1", "failures")
class FailureWithoutWords(Sidecar):
    """Says that a handler failed, and nothing else."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        return failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_APPLICATION)


@breaks("FAILURE-2", "failures")
class NeverRetries(Sidecar):
    """Has every failure be the last one."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        failure = super().failure(error)
        failure.retry = failure_pb2.RETRY_NEVER
        return failure


@breaks("FAILURE-3", "failures")
class FailureOfNoKind(Sidecar):
    """Leaves the kind out."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        failure = super().failure(error)
        failure.kind = failure_pb2.FAILURE_KIND_UNSPECIFIED
        return failure


@breaks("LIMIT-4", "failures")
class LongStack(Sidecar):
    """Sends a stack as long as it is."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        failure = super().failure(error)
        failure.stack += "fail_step.py\n" * 2000
        return failure


@breaks("LIMIT-4", "failures")
class DeepCauses(Sidecar):
    """Sends every cause of a cause."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        failure = super().failure(error)
        each = failure
        for _ in range(12):
            each = each.cause
            each.kind = failure_pb2.FAILURE_KIND_APPLICATION
        return failure


@breaks("ERROR-5", "failures")
class ProtocolErrorForExceptions(Sidecar):
    """Ends the session when a handler raises."""

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        message = "the handler raised"
        code = failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME
        self.put(protocol_error=failure_pb2.ProtocolError(code=code, message=message))
        return super().failure(error)


@breaks("LIMIT-1", "tiny_limits")
class LargeMessages(Sidecar):
    """Sends all that it has in one message."""

    def batches(self, frames: list[sidecar_pb2.SidecarFrame]) -> list[list[sidecar_pb2.SidecarFrame]]:
        return [frames]


@breaks("LIMIT-3", "tiny_limits")
class LargePayloads(Sidecar):
    """Sends payloads of any size."""

    def too_large(self, payload: bytes) -> None:
        return None


@breaks("TELEMETRY-1", "logs")
class TelemetryWithoutSession(Sidecar):
    """Does not say whose records they are."""

    def telemetry_begin(self) -> telemetry_pb2.TelemetryRequest:
        return telemetry_pb2.TelemetryRequest()


@breaks("TELEMETRY-2", "logs")
class NewestFirst(Sidecar):
    """Sends the newest record first."""

    def take_records(self) -> list[telemetry_pb2.LogRecord]:
        return list(reversed(super().take_records()))

    def record(self, invoke: Any, message: str) -> telemetry_pb2.LogRecord:
        record = super().record(invoke, message)
        record.time_unix_ms += 5000 * len(self.records)
        return record

    def log(self, attempt: Attempt, message: str) -> None:
        super().log(attempt, message)
        super().log(attempt, message)


@breaks("TELEMETRY-3", "unread_logs")
class WaitsForTelemetry(Sidecar):
    """Has handlers wait until their records are sent."""

    def log(self, attempt: Attempt, message: str) -> None:
        super().log(attempt, "x" * 100_000)

    async def settled(self, attempt: Attempt, is_stopped: bool = False) -> None:
        while self.records or self.logged.is_set():
            await asyncio.sleep(0.01)
        await super().settled(attempt, is_stopped)

    def take_records(self) -> list[telemetry_pb2.LogRecord]:
        return [self.records.popleft()] if self.records else []

    async def send_logs(self, channel: Any) -> None:
        stream: Any = channel.stream_stream("/motia.v1.SidecarService/Telemetry")()
        await stream.write(self.telemetry_begin().SerializeToString())
        while True:
            await self.logged.wait()
            while self.records:
                request = telemetry_pb2.TelemetryRequest(logs=[self.records[0]])
                await stream.write(request.SerializeToString())
                self.records.popleft()
            self.logged.clear()


@breaks("TELEMETRY-3", "logs")
class CountsDroppedAnew(Sidecar):
    """Sends how many were dropped since the last message."""

    def take_records(self) -> list[telemetry_pb2.LogRecord]:
        self.dropped = 1 - self.dropped
        return super().take_records()

    def log(self, attempt: Attempt, message: str) -> None:
        super().log(attempt, message)
        asyncio.get_running_loop().call_later(0.05, super().log, attempt, message)
        asyncio.get_running_loop().call_later(0.1, super().log, attempt, message)

    async def settled(self, attempt: Attempt, is_stopped: bool = False) -> None:
        await asyncio.sleep(0.2)
        await super().settled(attempt, is_stopped)


@breaks("TELEMETRY-4", "logs")
class FieldsOfNoKind(Sidecar):
    """Writes fields as its language shows them."""

    def record(self, invoke: Any, message: str) -> telemetry_pb2.LogRecord:
        record = super().record(invoke, message)
        record.fields = b"{'n': 1}"
        return record


@breaks("TELEMETRY-5", "logs")
class RecordsOfNobody(Sidecar):
    """Does not say which step a record is of."""

    def record(self, invoke: Any, message: str) -> telemetry_pb2.LogRecord:
        record = super().record(invoke, message)
        record.step = ""
        return record
