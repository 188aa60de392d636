"""One sidecar's session: its credit, what it runs, its calls. Knows frames, not the transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from motia_core._gen.motia.v1 import (
    failure_pb2,
    invoke_pb2,
    lifecycle_pb2,
    manifest_pb2,
    sidecar_pb2,
)
from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.errors import ProtocolViolationError
from motia_core.failpoints import passing
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpResponse
from motia_core.model.invocation import CancelReason, Invocation, Outcome, Pool
from motia_core.model.project import Manifest
from motia_core.sidecars.answering import Answering
from motia_core.sidecars.capabilities import CAPABILITIES, lacking
from motia_core.sidecars.codec import (
    CANCEL_REASONS,
    payload_bytes,
    read_manifest,
    read_outcome,
    read_response,
    write_invoke,
)
from motia_core.sidecars.outbox import MAX_FRAME_BYTES, Outbox
from motia_core.sidecars.outcomes import checked, too_large
from motia_core.sidecars.response_body import ResponseBody

Answer = invoke_pb2.Complete | invoke_pb2.ResponseStart | invoke_pb2.ResponseChunk


@dataclass(slots=True, eq=False)
class Running:
    """An attempt that was handed to the sidecar."""

    invocation: Invocation
    outcome: asyncio.Future[Outcome]
    sent_s: float  # loop time
    accepted: bool = False
    grace: asyncio.TimerHandle | None = None  # runs out after a Cancel
    body: ResponseBody | None = None  # of a streamed response, once that has begun


class SessionOwner(Protocol):
    """Whom a session tells what happens. Implemented by the pool."""

    def credit_granted(self, session: Session) -> None: ...

    def answered(self, session: Session, running: Running, response: HttpResponse) -> None:
        """A streamed response has begun."""
        ...

    def ended(self, session: Session, running: Running, outcome: Outcome) -> None: ...

    def returned(self, session: Session, running: list[Running]) -> None: ...

    def overdue(self, session: Session, running: Running) -> None:
        """The grace after a Cancel is over and the sidecar has not answered."""
        ...


class Session:
    """A welcome sidecar. Lives through a lost connection when the sidecar resumes it in time.

    Args:
        is_remote: It does not see our files, and gets what is in them.
    """

    def __init__(
        self,
        session_id: str,
        group: str,
        name: str,
        owner: SessionOwner,
        calls: ContextCalls,
        clock: Clock,
        log: Log,
        *,
        max_payload_bytes: int,
        capabilities: frozenset[str] = CAPABILITIES,
        is_remote: bool = False,
    ) -> None:
        self.id = session_id
        self.group = group
        self.name = name  # for logs, for example "node 1234"
        self.outbox = Outbox()
        self.digest = ""
        self.running: dict[int, Running] = {}
        self._drain_grace_ms: int | None = None  # of the Drain that was sent
        self.drained = asyncio.Event()
        self.ready = False  # may be given work
        self.manifest: asyncio.Future[Manifest] = asyncio.get_running_loop().create_future()
        self.on_loading: Callable[[str], None] = lambda path: None
        self.on_leaving: Callable[[], None] = lambda: None  # its process is to end
        self.imported: set[str] = set()  # files of the user's, as absolute paths
        self.packages: list[str] = []  # what else was imported, for Warm
        self.warmed = asyncio.Event()
        self.last_seen_s = 0.0
        self.memory_bytes = 0
        self.loop_lag_s = 0.0  # how late the loop of user code is, as the last heartbeat said
        self._granted = [0, 0, 0]
        self._sent = [0, 0, 0]
        self._owner = owner
        self._clock = clock
        self._log = log
        self.capabilities = capabilities
        self._is_remote = is_remote
        self._max_payload_bytes = max_payload_bytes
        self._loop = asyncio.get_running_loop()
        self._answering = Answering(name, self.outbox, self.running, calls, log, max_payload_bytes)
        self._on: dict[str, Callable[[sidecar_pb2.SidecarFrame], None]] = {
            "complete": lambda frame: self._complete(frame.complete),
            "response_chunk": lambda frame: self._response_chunk(frame.response_chunk),
            "response_start": lambda frame: self._response_start(frame.response_start),
            "call": self._answering.receive,
            "accepted": lambda frame: self._accepted(frame.accepted),
            "credit": lambda frame: self._credit(frame.credit),
            "heartbeat": lambda frame: self._heartbeat(frame.heartbeat),
            "loading": lambda frame: self._loading(frame.loading),
            "manifest": lambda frame: self._manifest(frame.manifest),
            "imported": lambda frame: self._imported(frame.imported),
            "warmed": lambda frame: self.warmed.set(),
            "returned": lambda frame: self._returned(frame.returned),
            "drained": lambda frame: self.drained.set(),
            "leaving": lambda frame: self.on_leaving(),
            "protocol_error": lambda frame: self._refused(frame.protocol_error),
            "hello": lambda frame: self._second_hello(),
        }

    # --- what the core does

    @property
    def app_hook(self) -> str:
        """Where it serves the app of motia.config's `app` hook; empty: nowhere."""
        has_manifest = self.manifest.done() and not self.manifest.cancelled()
        return self.manifest.result().app_hook if has_manifest else ""

    @property
    def draining(self) -> bool:
        """Whether it was asked to finish."""
        return self._drain_grace_ms is not None

    @property
    def steps(self) -> list[str]:
        """Names of the steps that it runs."""
        return sorted({running.invocation.step.name for running in self.running.values()})

    def longest_ms(self, default_ms: int) -> int:
        """How long what it runs may take, or nothing would."""
        limits = (running.invocation.timeout_ms or default_ms for running in self.running.values())
        return max(limits, default=default_ms)

    def free(self, pool: Pool) -> int:
        """How many more attempts of this pool may be sent."""
        return self._granted[pool] - self._sent[pool]

    def send(self, invocation: Invocation, outcome: asyncio.Future[Outcome]) -> None:
        """Hand over an attempt; the caller has checked `free`. What is too large for a message fails at once, and
        what the sidecar cannot do."""
        if (size := payload_bytes(invocation, self._is_remote)) > MAX_FRAME_BYTES:
            message = f"the attempt has {size:,} bytes of input and remembered results, at most {MAX_FRAME_BYTES:,} fit"
            outcome.set_result(too_large(message))
            return
        if (failure := lacking(invocation, self.capabilities, self.name)) is not None:
            outcome.set_result(failure)
            return
        self._sent[invocation.pool] += 1
        self.running[invocation.id] = Running(invocation, outcome, self._loop.time())
        self._write(invocation, size)

    def cancel(self, running: Running, reason: CancelReason, grace_ms: int, *, signal_only: bool) -> None:
        """Send a Cancel; unless `signal_only`, the attempt is over for us after the grace."""
        frame = self.outbox.frame().cancel
        frame.invocation_id = running.invocation.id
        frame.reason = CANCEL_REASONS[reason]
        frame.grace_ms = grace_ms
        frame.signal_only = signal_only
        if not signal_only and running.grace is None:
            running.grace = self._loop.call_later(grace_ms / 1000, self._grace_over, running)

    def expired(self, *, at_least_s: float) -> Running | None:
        """An attempt whose lease is over: every frame renews the leases of all attempts. None is so short."""
        now_s, seen_s = self._loop.time(), self.last_seen_s
        for running in self.running.values():
            lease_s = max(running.invocation.step.queue.visibility_timeout_s, at_least_s)
            if now_s - max(seen_s, running.sent_s) > lease_s:
                return running
        return None

    def resume(self) -> None:
        """The connection is back: send again what may have been lost with it. The sidecar knows what it has."""
        for running in self.running.values():
            if running.body is not None:  # pieces of it may be lost
                running.body.end(Failure(FailureKind.SIDECAR_LOST, "the connection to the sidecar was lost"))
                self.cancel(running, CancelReason.CLIENT_GONE, 0, signal_only=True)
            elif not running.accepted:
                self._write(running.invocation, payload_bytes(running.invocation, self._is_remote))
        if self._drain_grace_ms is not None:
            self.outbox.frame().drain.grace_ms = self._drain_grace_ms

    def warm(self, packages: Sequence[str]) -> None:
        """Have packages imported ahead of time; `warmed` is set when they are."""
        warm = self.outbox.frame().warm
        warm.packages.extend(packages)
        warm.SetInParent()

    def load(self, load: manifest_pb2.Load) -> None:
        """Ask for a manifest; it arrives in `manifest`."""
        self.digest = load.digest
        self.outbox.frame().load.CopyFrom(load)

    def drain(self, grace_ms: int) -> None:
        """Ask the sidecar to finish; `drained` is set when it has."""
        if self._drain_grace_ms is None:
            self._drain_grace_ms = grace_ms
            self.outbox.frame().drain.grace_ms = grace_ms

    def lost(self) -> list[Running]:
        """The sidecar is gone for good; what it was running."""
        self.ready = False
        self.drained.set()
        if not self.manifest.done():
            self.manifest.cancel()
        lost = list(self.running.values())
        self.running.clear()
        for running in lost:
            if running.grace is not None:
                running.grace.cancel()
            if running.body is not None:
                running.body.end(Failure(FailureKind.SIDECAR_LOST, f"{self.name} went away while it answered"))
        return lost

    async def close(self) -> None:
        """Wait for what is still being answered: what it stores must be handed on, though the handler is gone."""
        await self._answering.finish()

    # --- what the sidecar says

    def receive(self, message: sidecar_pb2.SessionRequest) -> None:
        """Act on a batch of frames, in order.

        Raises:
            ProtocolViolationError: A frame broke a rule; the session must end.
        """
        self.last_seen_s = self._loop.time()
        for frame in message.frames:
            which = frame.WhichOneof("frame")
            if which is not None:
                self._on[which](frame)
            elif frame.must_understand:
                raise ProtocolViolationError(
                    "a frame that must be understood is unknown to this core: upgrade motia-core",
                    code=failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD,
                )

    def _write(self, invocation: Invocation, size: int) -> None:
        frame = self.outbox.frame(size)
        deadline = self._clock.now_ms() + invocation.timeout_ms if invocation.timeout_ms else 0
        write_invoke(frame.invoke, invocation, self.digest, deadline, with_files=self._is_remote)

    def _response_start(self, frame: invoke_pb2.ResponseStart) -> None:
        running = self._find(frame, "ResponseStart")
        if running is None:
            return
        if running.body is not None or running.invocation.pool is not Pool.API:
            raise _violation(f"ResponseStart of invocation {frame.invocation_id}, which cannot have one (any more)")
        leave = partial(self.cancel, running, CancelReason.CLIENT_GONE, 0, signal_only=True)
        running.body = ResponseBody(partial(self._chunks_taken, frame.invocation_id), leave)
        running.accepted = True
        response = read_response(frame.response)
        response.chunks = running.body
        self._owner.answered(self, running, response)

    def _response_chunk(self, frame: invoke_pb2.ResponseChunk) -> None:
        running = self._find(frame, "ResponseChunk")
        if running is None:
            return
        if running.body is None:
            raise _violation(f"ResponseChunk of invocation {frame.invocation_id} before its ResponseStart")
        running.body.feed(frame.data)

    def _chunks_taken(self, invocation_id: int, total_bytes: int) -> None:
        ack = self.outbox.frame().chunk_ack
        ack.invocation_id, ack.total_bytes = invocation_id, total_bytes

    def _find(self, frame: Answer, what: str) -> Running | None:
        """The attempt that a frame is about; None when it has ended."""
        running = self.running.get(frame.invocation_id)
        if running is not None and running.invocation.lease_token != frame.lease_token:
            raise _violation(f"{what} of invocation {frame.invocation_id} has a stale lease token")
        return running

    def _complete(self, frame: invoke_pb2.Complete) -> None:
        running = self._find(frame, "Complete")
        if running is None:
            # Answered again after a resume, or too late: either way there is nothing left to do.
            self.outbox.acknowledge(frame.invocation_id)
            return
        outcome = read_outcome(frame)
        if outcome is None:
            raise _violation(f"Complete of invocation {frame.invocation_id} has no outcome")
        passing("complete.received")
        del self.running[frame.invocation_id]
        if running.grace is not None:
            running.grace.cancel()
        if running.body is not None:
            running.body.end(outcome if type(outcome) is Failure else None)
        self._owner.ended(self, running, checked(running.invocation, outcome, self._max_payload_bytes))

    def _accepted(self, frame: invoke_pb2.Accepted) -> None:
        for invocation_id in frame.invocation_ids:
            if (running := self.running.get(invocation_id)) is not None:
                running.accepted = True

    def _credit(self, frame: lifecycle_pb2.Credit) -> None:
        if frame.pool not in (lifecycle_pb2.POOL_API, lifecycle_pb2.POOL_BACKGROUND):
            raise _violation(f"Credit for pool {frame.pool}, which does not exist")
        if frame.granted < self._granted[frame.pool]:
            raise _violation("Credit.granted went down: it is a total, not a number of free slots")
        self._granted[frame.pool] = frame.granted
        self._owner.credit_granted(self)

    def _heartbeat(self, frame: lifecycle_pb2.Heartbeat) -> None:
        self.memory_bytes = frame.memory_bytes
        self.loop_lag_s = frame.loop_lag_ms / 1000
        self.outbox.frame().heartbeat_ack.sequence = frame.sequence

    def _loading(self, frame: manifest_pb2.Loading) -> None:
        self.on_loading(frame.path)
        self.outbox.frame().loading_ack.path = frame.path

    def _manifest(self, frame: manifest_pb2.Manifest) -> None:
        if frame.digest != self.digest or self.manifest.done():
            raise _violation("Manifest without a Load, or with another digest than its Load")
        self.manifest.set_result(read_manifest(frame))

    def _imported(self, frame: manifest_pb2.Imported) -> None:
        self.imported.update(frame.files)
        self.packages.extend(frame.packages)

    def _returned(self, frame: invoke_pb2.Accepted | lifecycle_pb2.Returned) -> None:
        found = (self.running.pop(invocation_id, None) for invocation_id in frame.invocation_ids)
        self._owner.returned(self, [running for running in found if running is not None])

    def _refused(self, frame: failure_pb2.ProtocolError) -> None:
        raise ProtocolViolationError(f"the sidecar ended the session: {frame.message}", code=0)

    def _second_hello(self) -> None:
        raise ProtocolViolationError(
            "Hello may only be the first frame", code=failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
        )

    def _grace_over(self, running: Running) -> None:
        if self.running.pop(running.invocation.id, None) is not None:
            self._owner.overdue(self, running)


def _violation(message: str) -> ProtocolViolationError:
    return ProtocolViolationError(message, code=failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME)
