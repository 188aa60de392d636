"""Named points at which the crash tests make a process die. When none is set, as always else, passing one does nothing.

`MOTIA_FAILPOINT=completion.stored` ends the process by SIGKILL where it passes that point, `completion.stored:17` when
it does so for the 17th time. Points of the store's process may name another victim: `store.committing@core` ends the
core and lets the store's process go on, `store.committing@both` ends both.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

VARIABLE = "MOTIA_FAILPOINT"

POINTS = {  # by name: what was done last
    # the core, at its start
    "schema.creating": "the tables of a new database are made, not committed",
    "schema.created": "a new database is committed",
    "schema.migrating": "an older database is migrated, not committed",
    "schema.migrated": "the migration of an older database is committed",
    # the store's process
    "store.received": "operations have come from the core, nothing is written",
    "store.committing": "a batch is written, not committed",
    "store.committed": "a batch is committed, the core does not know",
    "store.answered": "a batch is committed, the core was told",
    # the core: what it asks of its store
    "store.sent": "operations were sent to the store's process",
    "store.heard": "the store's answer has come, nobody was told",
    # the core: an event on its way in
    "emit.storing": "an event is planned, not stored",
    "emit.stored": "an event is stored, not acknowledged and not handed to its subscribers",
    "emit.answering": "an event that came over HTTP is stored, the client does not know",
    "http.answered": "an answer of the management API was sent",
    # the core: frames to sidecars
    "invoke.sending": "an attempt is about to be sent",
    "invoke.sent": "an attempt was sent",
    "call_reply.sending": "a context call has taken effect, the handler does not know",
    "call_reply.sent": "the answer to a context call was sent",
    "complete_ack.sending": "the end of an attempt is stored, the sidecar does not know",
    "complete_ack.sent": "the end of an attempt was acknowledged",
    # the core: how an attempt ends
    "complete.received": "a sidecar has said how an attempt ended",
    "completion.storing": "an attempt has succeeded, nothing is stored",
    "completion.stored": "the delivery is gone from the store",
    "effects.staged": "an emit of an atomic step is held back",
    "effects.committing": "an atomic step has succeeded, nothing took effect",
    "effects.committed": "all that an atomic step did is committed",
    "retry.storing": "an attempt has failed, nothing is stored",
    "retry.stored": "the next attempt is stored",
    "burial.storing": "the last attempt has failed, nothing is stored",
    "burial.stored": "the delivery is among the dead letters",
    "redrive.moving": "dead letters are about to be moved back",
    "redrive.moved": "dead letters are deliveries again, nobody runs them yet",
    # the core: progress and waits
    "progress.storing": "the result of a run has come, it is not stored",
    "progress.stored": "the result of a run is stored",
    "suspension.storing": "a handler sleeps or waits, nothing is stored",
    "suspension.stored": "that a handler sleeps or waits is stored",
    "answer.storing": "an event has come that is waited for",
    "answer.stored": "a wait is answered in the store, the handler does not run yet",
    # the core: schedules
    "tick.deciding": "a cron step is due, nothing is stored",
    "tick.decided": "a due time is a delivery",
}
VICTIMS = ("self", "core", "both")

_SETTING = re.compile(r"(?P<name>[^:@]+)(?::(?P<turn>\d+))?(?:@(?P<victim>\w+))?")


class Failpoint:
    """The point that is set.

    Raises:
        ValueError: There is none such.
    """

    def __init__(self, setting: str) -> None:
        found = _SETTING.fullmatch(setting)
        if found is None or found["name"] not in POINTS or found["victim"] not in (None, *VICTIMS):
            form = f"NAME[:TURN][@{'|'.join(VICTIMS)}]"
            raise ValueError(f"{VARIABLE}={setting}: write {form} with one of the names {', '.join(POINTS)}")
        self.name = found["name"]
        self._turns_left = int(found["turn"] or 1)
        self._victim = found["victim"] or "self"
        self._parent = os.getppid()

    def passing(self, name: str) -> None:
        """Die, if this is the point and its turn has come."""
        if name == self.name:
            self._turns_left -= 1
            if self._turns_left == 0:
                self._die()

    def _die(self) -> None:
        os.write(2, f"failpoint {self.name}\n".encode())
        if self._victim != "self" and os.getppid() == self._parent:  # else the core is dead already
            os.kill(self._parent, signal.SIGKILL)
        if self._victim != "core":
            os.kill(os.getpid(), signal.SIGKILL)


def _nothing(name: str) -> None:
    """No point is set."""


ARMED = bool(os.environ.get(VARIABLE))
passing: Callable[[str], None] = Failpoint(os.environ[VARIABLE]).passing if ARMED else _nothing
