"""Watches what becomes of each Invoke."""

from __future__ import annotations

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2
from motia_core.conformance.wire.judging.seen import Attempt, Watcher, now_s

LONGEST_STACK = 16 * 1024
DEEPEST_CAUSE = 8
OUTCOMES = {"http": {"http", "failure"}, "stream": {"answer", "failure"}}
OF_BACKGROUND = {"done", "failure", "suspended"}
OF_THE_CORE = {
    failure_pb2.FAILURE_KIND_UNSPECIFIED,
    failure_pb2.FAILURE_KIND_SIDECAR_LOST,
    failure_pb2.FAILURE_KIND_CONFLICT,
}


class Attempts(Watcher):
    """INVOKE, FAILURE, LIMIT-4, PROGRESS-8, DRAIN-5, DRAIN-7."""

    def said_invoke(self, invoke: invoke_pb2.Invoke) -> None:
        """An attempt begins; one that is known was sent again."""
        after_drain = self.seen.drained_by_s is not None
        if known := self.seen.attempts.get(invoke.invocation_id):
            known.was_sent_again = True
        else:
            self.seen.attempts[invoke.invocation_id] = Attempt(invoke, after_drain)

    def said_complete_ack(self, ack: invoke_pb2.CompleteAck) -> None:
        """These need not be kept any more."""
        self.seen.acknowledged.update(ack.invocation_ids)

    def heard_accepted(self, accepted: invoke_pb2.Accepted) -> None:
        """Started."""
        for invocation_id in accepted.invocation_ids:
            attempt = self.seen.attempts.get(invocation_id)
            if attempt is None:
                self.broke("INVOKE-3", f"Accepted names {invocation_id}, which was never invoked")
                continue
            attempt.accepted = True
            if attempt.after_drain:
                self.broke("DRAIN-5", f"{invocation_id} was accepted after Drain instead of returned")

    def heard_returned(self, returned: lifecycle_pb2.Returned) -> None:
        """Comes back unstarted."""
        for invocation_id in returned.invocation_ids:
            attempt = self.seen.attempts.get(invocation_id)
            if attempt is None:
                self.broke("INVOKE-2", f"Returned names {invocation_id}, which was never invoked")
                continue
            if attempt.accepted or attempt.calls or attempt.complete is not None:
                self.broke("DRAIN-7", f"{invocation_id} was returned although its handler was started")
            attempt.returned = True
            attempt.slot_is_free = True

    def heard_complete(self, complete: invoke_pb2.Complete) -> None:
        """The end of one."""
        invocation_id = complete.invocation_id
        attempt = self.seen.attempts.get(invocation_id)
        if attempt is None:
            self.broke("INVOKE-2", f"Complete names {invocation_id}, which was never invoked")
            return
        if complete.lease_token != attempt.invoke.lease_token:
            self.broke("INVOKE-2", f"the lease_token of Complete {invocation_id} is not the one of its Invoke")
        if attempt.returned:
            self.broke("INVOKE-2", f"{invocation_id} was completed after it had come back in Returned")
        if attempt.after_drain:
            self.broke("DRAIN-5", f"{invocation_id} was run although it came after Drain")
        if attempt.complete is not None:
            if attempt.completed_on == self.seen.connection:
                rule = "RESUME-6" if attempt.was_sent_again else "INVOKE-2"
                self.broke(rule, f"{invocation_id} was completed twice on one connection")
        elif attempt.calls and not self._grace_is_over():
            self.broke("INVOKE-5", f"{invocation_id} was completed before call {min(attempt.calls)} was answered")
        attempt.complete = complete
        attempt.completed_on = self.seen.connection
        attempt.slot_is_free = True
        self._outcome(attempt, complete)

    def _grace_is_over(self) -> bool:
        """Whether what runs is being given up (DRAIN-2)."""
        return self.seen.drained_by_s is not None and now_s() > self.seen.drained_by_s

    def _outcome(self, attempt: Attempt, complete: invoke_pb2.Complete) -> None:
        outcome = complete.WhichOneof("outcome")
        invoke = attempt.invoke
        allowed = OUTCOMES.get(invoke.WhichOneof("trigger") or "", OF_BACKGROUND)
        if outcome is None:
            self.broke("INVOKE-4", f"Complete {complete.invocation_id} has no outcome")
        elif outcome not in ({"done", "failure"} if attempt.streaming else allowed):
            rule = "STREAM-5" if attempt.streaming else "INVOKE-4"
            self.broke(rule, f"{invoke.step} was completed with {outcome}; it may be {', '.join(sorted(allowed))}")
        if outcome == "failure":
            self._failure(complete.failure, complete.invocation_id)
        elif outcome == "suspended" and not (complete.suspended.key and complete.suspended.WhichOneof("until")):
            self.broke("PROGRESS-8", f"Suspended of {complete.invocation_id} has no key, or nothing that it waits for")

    def _failure(self, failure: failure_pb2.Failure, invocation_id: int) -> None:
        if failure.kind in OF_THE_CORE:
            kind = failure_pb2.FailureKind.Name(failure.kind)
            self.broke("FAILURE-3", f"the failure of {invocation_id} is of kind {kind}, which no sidecar may use")
        if failure.kind == failure_pb2.FAILURE_KIND_APPLICATION and not failure.type:
            self.broke("FAILURE-1", f"the failure of {invocation_id} does not name the exception's class")
        depth = 0
        each = failure
        while True:
            if len(each.stack.encode()) > LONGEST_STACK:
                self.broke("LIMIT-4", f"the stack of {invocation_id} has {len(each.stack.encode())} bytes, over 16 KiB")
            if not each.HasField("cause"):
                break
            each = each.cause
            depth += 1
        if depth > DEEPEST_CAUSE:
            self.broke("LIMIT-4", f"the failure of {invocation_id} has causes {depth} deep, over {DEEPEST_CAUSE}")

    def ended(self, code: int | None, stderr: str) -> None:
        """Nothing may be forgotten by a sidecar that says that it is done."""
        if not self.seen.drained:
            return
        for attempt in self.seen.running():
            rule = "DRAIN-5" if attempt.after_drain else "INVOKE-2"
            self.broke(rule, f"{attempt.invoke.invocation_id} ({attempt.invoke.step}) was never completed or returned")
