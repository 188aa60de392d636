"""Chooses the session that runs an attempt, and lets attempts wait for one. Implements `Sidecars` for the engine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from motia_core.errors import DrainingError, NoSidecarError, OverloadedError
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpResponse
from motia_core.model.invocation import CancelReason, Invocation, Outcome, Pool
from motia_core.sidecars.outcomes import cancelled
from motia_core.sidecars.session import Running, Session

MAX_WAITING = 10_000  # attempts per language group and pool that may wait for a slot

Waiting = deque[tuple[Invocation, "asyncio.Future[Outcome]"]]


class Group:
    """The sessions of one language group and the attempts that wait for them."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []  # may be given work
        self.alive: list[Session] = []  # these, and those that only finish what they run
        self.waiting: dict[Pool, Waiting] = {Pool.API: deque(), Pool.BACKGROUND: deque()}
        self.starting = True  # a process may come; waiting makes sense

    def pick(self, pool: Pool) -> Session | None:
        """The session with the most free slots, or None."""
        sessions = self.sessions
        if len(sessions) == 1:
            return sessions[0] if sessions[0].free(pool) > 0 else None
        best = max(sessions, key=lambda session: session.free(pool), default=None)
        return best if best is not None and best.free(pool) > 0 else None


class SidecarPool:
    """All language groups."""

    def __init__(self, cancel_grace_ms: int) -> None:
        self._groups: dict[str, Group] = {}
        self._cancel_grace_ms = cancel_grace_ms
        self._unacknowledged: dict[int, Session] = {}
        self._abandoned: Callable[[Invocation, Outcome], None] = lambda invocation, outcome: None
        self._loop = asyncio.get_running_loop()
        self.draining = False
        self.on_change: Callable[[], None] = lambda: None  # which sidecars may be given work
        self.on_hung: Callable[[Session, Running], None] = lambda session, running: None

    # --- Sidecars

    def invoke(self, invocation: Invocation) -> asyncio.Future[Outcome]:
        """See `ports.Sidecars.invoke`. A future rather than a coroutine: one object less for each request."""
        if self.draining:
            raise DrainingError
        group = self._groups.get(invocation.step.group)
        if group is None:
            raise NoSidecarError(f"no sidecar runs {invocation.step.language}")
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        pool = invocation.pool
        waiting = group.waiting[pool]
        session = None if waiting else group.pick(pool)
        if session is not None:
            session.send(invocation, outcome)
        elif not group.sessions and not group.starting and pool is Pool.API:
            raise NoSidecarError(f"no {invocation.step.group} sidecar is running; the log says why")
        elif len(waiting) >= MAX_WAITING:
            raise OverloadedError
        else:
            waiting.append((invocation, outcome))
        return outcome

    def cancel(self, invocation: Invocation, reason: CancelReason, *, signal_only: bool = False) -> None:
        """See `ports.Sidecars.cancel`."""
        group = self._groups[invocation.step.group]
        for session in group.alive:
            running = session.running.get(invocation.id)
            if running is not None:
                session.cancel(running, reason, self._cancel_grace_ms, signal_only=signal_only)
                if not signal_only and invocation.pool is Pool.API:
                    _resolve(running.outcome, cancelled(reason, invocation))
                return
        entries = group.waiting[invocation.pool]
        for place, (waiting, outcome) in enumerate(entries):
            if waiting is not invocation:
                continue
            if outcome.cancelled():  # who waited for it has left: it never begins
                del entries[place]
                self._abandoned(invocation, cancelled(reason, invocation))
            elif not signal_only:
                _resolve(outcome, cancelled(reason, invocation))
            return

    def acknowledge(self, invocation: Invocation) -> None:
        """See `ports.Sidecars.acknowledge`."""
        session = self._unacknowledged.pop(invocation.id, None)
        if session is not None:
            session.outbox.acknowledge(invocation.id)

    def on_abandoned(self, ended: Callable[[Invocation, Outcome], None]) -> None:
        """See `ports.Sidecars.on_abandoned`."""
        self._abandoned = ended

    # --- SessionOwner

    def credit_granted(self, session: Session) -> None:
        if session.ready:
            self._serve_waiting(session)

    def answered(self, session: Session, running: Running, response: HttpResponse) -> None:
        if not running.outcome.done():
            running.outcome.set_result(response)
        elif response.chunks is not None:
            response.chunks.abandon()

    def ended(self, session: Session, running: Running, outcome: Outcome) -> None:
        invocation = running.invocation
        if invocation.pool is Pool.BACKGROUND:
            self._unacknowledged[invocation.id] = session
        if not running.outcome.done():
            running.outcome.set_result(outcome)
        elif running.outcome.cancelled():
            self._abandoned(invocation, outcome)

    def returned(self, session: Session, running: list[Running]) -> None:
        group = self._groups[session.group]
        waiting, is_gone = group.waiting, not group.sessions and not group.starting
        for entry in reversed(running):
            if self.draining or (is_gone and entry.invocation.pool is Pool.API):
                if not entry.outcome.done():
                    gone = NoSidecarError(f"no {session.group} sidecar is running any more")
                    entry.outcome.set_exception(DrainingError() if self.draining else gone)
            else:
                waiting[entry.invocation.pool].appendleft((entry.invocation, entry.outcome))
        for other in list(self._groups[session.group].sessions):
            self._serve_waiting(other)

    def overdue(self, session: Session, running: Running) -> None:
        _resolve(running.outcome, cancelled(CancelReason.TIMEOUT, running.invocation))
        self.on_hung(session, running)

    # --- what the supervisor says

    def group(self, name: str) -> Group:
        """The group, made when it is new."""
        return self._groups.setdefault(name, Group())

    def add(self, session: Session) -> None:
        """The session may be given work."""
        session.ready = True
        group = self.group(session.group)
        group.starting = True
        if session not in group.sessions:
            group.sessions.append(session)
        if session not in group.alive:
            group.alive.append(session)
        self._serve_waiting(session)
        self.on_change()

    def pause(self, session: Session) -> None:
        """Give the session no new work; what it runs goes on."""
        session.ready = False
        sessions = self.group(session.group).sessions
        if session in sessions:
            sessions.remove(session)
            self.on_change()

    def remove(self, session: Session) -> None:
        """The session is gone for good; everything it ran has lost its sidecar."""
        self.pause(session)
        alive = self.group(session.group).alive
        if session in alive:
            alive.remove(session)
        for running in session.lost():
            failure = Failure(FailureKind.SIDECAR_LOST, f"{session.name} went away while it ran the step")
            if running.outcome.cancelled():
                self._abandoned(running.invocation, failure)
            else:
                _resolve(running.outcome, failure)
        for invocation_id in [i for i, owner in self._unacknowledged.items() if owner is session]:
            del self._unacknowledged[invocation_id]

    def no_sidecar(self, group_name: str, why: str) -> None:
        """No process of this group will come soon: requests that wait are refused."""
        group = self.group(group_name)
        group.starting = False
        waiting = group.waiting[Pool.API]
        while waiting and not group.sessions:
            _, outcome = waiting.popleft()
            if not outcome.done():
                outcome.set_exception(NoSidecarError(why))
        self.on_change()

    def start_draining(self) -> None:
        """Refuse new work, and what still waits for a slot."""
        self.draining = True
        for group in self._groups.values():
            for waiting in group.waiting.values():
                for _, outcome in waiting:
                    if not outcome.done():
                        outcome.set_exception(DrainingError())
                waiting.clear()
        self.on_change()

    def _serve_waiting(self, session: Session) -> None:
        for pool, waiting in self._groups[session.group].waiting.items():
            while waiting and session.ready and session.free(pool) > 0:
                invocation, outcome = waiting.popleft()
                if not outcome.done():
                    session.send(invocation, outcome)


def _resolve(outcome: asyncio.Future[Outcome], result: Outcome) -> None:
    if not outcome.done():
        outcome.set_result(result)
