"""Watches one sidecar until its process ends: busy when it is silent, given up when the lease of an attempt is over."""

from __future__ import annotations

import asyncio
from typing import Protocol

from motia_core.engine.ports import Log
from motia_core.settings import SidecarSettings
from motia_core.sidecars.session import Running, Session
from motia_core.sidecars.sidecar import Sidecar


class Stands(Protocol):
    """Who finds others for the work of a busy sidecar. Implemented by the supervisor."""

    def busy(self, sidecar: Sidecar, session: Session) -> None: ...

    def answers_again(self, sidecar: Sidecar, session: Session) -> None: ...


async def watch(sidecar: Sidecar, settings: SidecarSettings, stands: Stands, log: Log) -> str:
    """Wait for the process to end, looking after its heartbeats; how it ended."""
    loop = asyncio.get_running_loop()
    interval_s, limit_s = settings.heartbeat_interval_ms / 1000, settings.busy_after_ms / 1000
    while True:
        since_s = loop.time()
        done, _ = await asyncio.wait({sidecar.ended}, timeout=interval_s)
        if done:
            return sidecar.ended.result()
        session = sidecar.session
        if session is None or not sidecar.connected:
            continue
        late_s = loop.time() - since_s - interval_s
        if late_s > interval_s:  # we were stopped ourselves: nobody is silent while we do not listen
            session.last_seen_s += late_s
        elif (expired := session.expired(at_least_s=limit_s)) is not None:
            log.record("error", f"{session.name} is killed: {_silence(session, expired)}")
            sidecar.process.kill()
        elif sidecar.process.address and loop.time() - session.last_seen_s > settings.lost_after_ms / 1000:
            sidecar.process.lose(f"nothing came from it for {loop.time() - session.last_seen_s:.1f} s")
        elif not session.draining:
            _look(sidecar, session, limit_s, stands, log)


def _look(sidecar: Sidecar, session: Session, limit_s: float, stands: Stands, log: Log) -> None:
    # Where user code shares the protocol's thread it silences the heartbeats; elsewhere they tell of its lag.
    blocked_s = max(asyncio.get_running_loop().time() - session.last_seen_s, session.loop_lag_s)
    if not sidecar.busy and blocked_s > limit_s:
        sidecar.busy = True
        blocked = f"its loop is blocked for {blocked_s:.1f} s; {_suspects(session)}"
        log.record("warn", f"{session.name} is busy: {blocked}")
        stands.busy(sidecar, session)
    elif sidecar.busy and blocked_s < limit_s:
        sidecar.busy = False
        log.record("info", f"{session.name} answers again")
        stands.answers_again(sidecar, session)


def _silence(session: Session, expired: Running) -> str:
    step = expired.invocation.step
    silent_s = asyncio.get_running_loop().time() - session.last_seen_s
    limit = f"visibilityTimeout of {step.name} ({step.path}) is {step.queue.visibility_timeout_s:g} s"
    return f"nothing came from it for {silent_s:.1f} s, {limit}"


def _suspects(session: Session) -> str:
    """Which handlers may be blocking."""
    now_s = asyncio.get_running_loop().time()
    oldest = sorted(session.running.values(), key=lambda running: running.sent_s)[:3]
    if not oldest:
        return "no handler is running"
    names = ", ".join(f"{r.invocation.step.name} ({now_s - r.sent_s:.1f} s)" for r in oldest)
    return f"running: {names}" + (f" and {len(session.running) - 3} more" if len(session.running) > 3 else "")
