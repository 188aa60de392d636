"""Mutants that go wrong with attempts and their answers."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import API, Attempt, Sidecar, frame


@breaks("CREDIT-1", "one_credit")
class FreeSlots(Sidecar):
    """Sends the number of free slots instead of a total."""

    def credit(self, pool: int) -> sidecar_pb2.SidecarFrame:
        free = (1 if self.granted[pool] == 1 else 0) + (self.granted[pool] > 1)
        return frame(credit=lifecycle_pb2.Credit(pool=pool, granted=free - len(self.attempts)))  # type: ignore[arg-type]  # an enum value is an int

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        answer = super().on_invoke(invoke)
        self.outbox.append(self.credit(invoke.pool))
        return answer


@breaks("CREDIT-3", "one_credit")
class NeverGrantsAgain(Sidecar):
    """Forgets to grant a slot that has become free."""

    def grant(self, pool: int, slots: int = 1) -> None:
        if not self.granted[pool]:
            super().grant(pool, slots)


@breaks("CREDIT-4", "one_credit")
class GrantsTooMuch(Sidecar):
    """Grants one more each time."""

    def grant(self, pool: int, slots: int = 1) -> None:
        super().grant(pool, slots + 1)


@breaks("CREDIT-6", "side_by_side")
class OnePoolForAll(Sidecar):
    """Runs eight attempts at a time, of any kind."""

    async def attempt(self, attempt: Attempt) -> None:
        while sum(each is not attempt for each in self.attempts.values()) >= 8 and attempt.invoke.pool == API:
            await asyncio.sleep(0.01)
        await super().attempt(attempt)


@breaks("CREDIT-7", "drain_in_the_middle")
class GrantsWhileDraining(Sidecar):
    """Goes on to grant."""

    def grant(self, pool: int, slots: int = 1) -> None:
        draining, self.draining = self.draining, False
        super().grant(pool, slots)
        self.draining = draining


@breaks("INVOKE-1", "side_by_side")
class OneAfterTheOther(Sidecar):
    """Runs one event at a time."""

    lock = asyncio.Lock()

    async def attempt(self, attempt: Attempt) -> None:
        async with self.lock:
            await super().attempt(attempt)


@breaks("INVOKE-2", "work")
class CompletesTwice(Sidecar):
    """Sends each Complete again."""

    def complete(self, attempt: Attempt, outcome: dict[str, Any]) -> None:
        super().complete(attempt, outcome)
        self.outbox.append(self.kept[attempt.invoke.invocation_id])


@breaks("INVOKE-2", "work")
class NeverCompletes(Sidecar):
    """Forgets requests."""

    def complete(self, attempt: Attempt, outcome: dict[str, Any]) -> None:
        if "http" not in outcome:
            super().complete(attempt, outcome)


@breaks("INVOKE-2", "work")
class WrongLease(Sidecar):
    """Does not repeat the lease token."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        complete = super().completion(attempt, outcome)
        complete.lease_token = 0
        return complete


@breaks("INVOKE-3", "side_by_side")
class NeverAccepts(Sidecar):
    """Leaves Accepted out."""

    def put(self, **content: Any) -> None:
        if "accepted" not in content:
            super().put(**content)


@breaks("INVOKE-4", "work")
class NoOutcome(Sidecar):
    """Sends Complete without saying how it ended."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        return super().completion(attempt, {})


@breaks("INVOKE-4", "work")
class DoneForRequests(Sidecar):
    """Answers requests with done."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        return super().completion(attempt, {"done": invoke_pb2.Done()})


@breaks("INVOKE-5", "forgotten_call")
class CompletesBeforeReplies(Sidecar):
    """Does not wait for calls that nobody waits for."""

    async def settled(self, attempt: Attempt, is_stopped: bool = False) -> None:
        pass


@breaks("INVOKE-5", "forgotten_failure")
class ForgetsFailedCalls(Sidecar):
    """Loses the failure of a call that nobody looks at."""

    async def settled(self, attempt: Attempt, is_stopped: bool = False) -> None:
        await super().settled(attempt, is_stopped)
        attempt.unnoticed.clear()


@breaks("INVOKE-7", "late_frames")
class DiesOfUnknownAcks(Sidecar):
    """Takes an acknowledgement that it does not expect for an error."""

    def on_complete_ack(self, ack: invoke_pb2.CompleteAck) -> None:
        if any(each not in self.kept for each in ack.invocation_ids):
            raise sidecar.RefusedError("an unknown id")
        super().on_complete_ack(ack)


@breaks("INVOKE-9", "wrong_digest")
class IgnoresDigests(Sidecar):
    """Runs what was meant for other files."""

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        invoke.manifest_digest = self.digest
        return super().on_invoke(invoke)


@breaks("INVOKE-10", "unknown_step")
class DiesOfUnknownSteps(Sidecar):
    """Ends the session for a step that it does not know."""

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        if invoke.step not in self.steps:
            raise sidecar.RefusedError("an unknown step")
        return super().on_invoke(invoke)


@breaks("INVOKE-12", "over_its_time")
class WatchesTheTime(Sidecar):
    """Fails attempts for their time on its own."""

    async def outcome(self, attempt: Attempt) -> dict[str, Any]:
        limit_s = attempt.invoke.timeout_ms / 1000 or None
        return await asyncio.wait_for(super().outcome(attempt), limit_s)


@breaks("INVOKE-16", "over_its_time")
class MeasuresNothing(Sidecar):
    """Leaves handler_us at 0."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        complete = super().completion(attempt, outcome)
        complete.handler_us = 0
        return complete


@breaks("HTTP-5", "work")
class StatusZero(Sidecar):
    """Loses the status."""

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        complete = super().completion(attempt, outcome)
        complete.http.status = 0 if "http" in outcome else complete.http.status
        return complete if "http" in outcome else super().completion(attempt, outcome)


def with_response(change: Any) -> Any:
    """A completion whose response is changed."""

    def completion(self: Sidecar, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        complete = Sidecar.completion(self, attempt, outcome)
        if complete.HasField("http"):
            change(complete.http)
        return complete

    return completion


def _as_text(response: invoke_pb2.HttpResponse) -> None:
    response.body = b"{n: 1}"


def _not_a_number(response: invoke_pb2.HttpResponse) -> None:
    response.body = json.dumps({"n": math.nan}).encode()


def _odd_headers(response: invoke_pb2.HttpResponse) -> None:
    response.headers.append("x-name")


def _doubles(response: invoke_pb2.HttpResponse) -> None:
    response.body = json.dumps(json.loads(response.body, parse_int=float)).encode()


@breaks("HTTP-6", "work")
class JsonThatIsNone(Sidecar):
    """Says JSON and sends something else."""

    completion = with_response(_as_text)


@breaks("HTTP-7", "work")
class OddHeaders(Sidecar):
    """Sends a header's name without a value."""

    completion = with_response(_odd_headers)


@breaks("PAYLOAD-1", "work")
class SendsNaN(Sidecar):
    """Writes what JSON does not have."""

    completion = with_response(_not_a_number)


@breaks("PAYLOAD-3", "work")
class Doubles(Sidecar):
    """Reads numbers as doubles."""

    completion = with_response(_doubles)


@breaks("STREAM-1", "streamed")
class LosesLastPiece(Sidecar):
    """Leaves a piece out."""

    left_out = False

    def put(self, **content: Any) -> None:
        if "response_chunk" in content and not self.left_out:
            self.left_out = True
        else:
            super().put(**content)


@breaks("STREAM-2", "streamed")
class ChunkBeforeStart(Sidecar):
    """Sends the first piece before the head."""

    def put(self, **content: Any) -> None:
        if start := content.get("response_start"):
            ids = {"invocation_id": start.invocation_id, "lease_token": start.lease_token}
            super().put(response_chunk=invoke_pb2.ResponseChunk(**ids, data=b"x"))
        super().put(**content)


@breaks("STREAM-3", "streamed")
class IgnoresTheWindow(Sidecar):
    """Sends as fast as it can."""

    async def window(self, attempt: Attempt, size: int) -> None:
        pass

    def on_chunk_ack(self, ack: Any) -> None:
        pass


@breaks("STREAM-5", "streamed")
class AnswersStreamsTwice(Sidecar):
    """Ends a streamed response with a response."""

    async def stream(self, attempt: Attempt, result: dict[str, Any]) -> dict[str, Any]:
        await super().stream(attempt, result)
        return {"http": invoke_pb2.HttpResponse(status=200)}


@breaks("STREAM-7", "stream_left")
class StreamsToNobody(Sidecar):
    """Waits for a client that has left."""

    def on_cancel(self, cancel: Any) -> None:
        if not cancel.signal_only:
            super().on_cancel(cancel)
