"""What a scenario works with: the running core, the processes of the SDK, and what its handlers have noted."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx

from motia_core.conformance.compare import expect
from motia_core.conformance.running import RunningCore
from motia_core.conformance.stage import Stage

WITHIN_S = 20.0
ANSWER_S = 20.0
SOON_S = 1.0  # an answer that nothing stands in the way of
PAUSE_S = 0.02
Entry = dict[str, Any]


class Scene:
    """One case in one language."""

    def __init__(self, stage: Stage, lang: str) -> None:
        self.stage = stage
        self.lang = lang
        self.group = stage.subject_of(lang).group

    @property
    def core(self) -> RunningCore:
        """The running core; a new one when a scenario has ended it."""
        return self.stage.core

    # What is done.

    def get(self, path: str) -> httpx.Response:
        """Ask a handler: GET /{lang}/PATH."""
        return httpx.get(f"{self.core.url}/{self.lang}/{path}", timeout=ANSWER_S)

    def emit(self, topic: str, **data: object) -> None:
        """Emit TOPIC.{lang}, without any sidecar's help."""
        event = {"topic": f"{topic}.{self.lang}", "data": data}
        httpx.post(f"{self.core.url}/__motia/emit", json=event, timeout=ANSWER_S).raise_for_status()

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a sidecar."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return

    # What is seen.

    def pids(self) -> list[int]:
        """Processes of the SDK's sidecars."""
        return self.core.sidecar_pids(self.group)

    def ended(self, since: int) -> list[str]:
        """What the log says, after so many records, of processes that ended without being told to."""
        records = [str(record.get("message", "")) for record in list(self.core.records)[since:]]
        return [message for message in records if message.endswith(" and is replaced")]

    def journal(self, name: str) -> list[Entry]:
        """What handlers have written to the state group journal-NAME-{lang}, by its key."""
        found: list[Entry] = []
        cursor = ""
        while True:
            asked = {"group": f"journal-{name}-{self.lang}", "cursor": cursor, "limit": "1000"}
            page = httpx.get(f"{self.core.url}/__motia/state/values", params=asked, timeout=ANSWER_S).json()
            found += [item["value"] for item in page["items"]]
            cursor = page["cursor"]
            if not cursor:
                return found

    def noted(self, name: str, what: str) -> list[Entry]:
        """The entries of a journal of one kind, in the order in which they were written."""
        return sorted((entry for entry in self.journal(name) if entry["what"] == what), key=lambda entry: entry["at"])

    def dead_letters(self, topic: str) -> list[Entry]:
        """Dead letters of TOPIC.{lang}."""
        asked = {"topic": f"{topic}.{self.lang}"}
        letters = httpx.get(f"{self.core.url}/__motia/dlq", params=asked, timeout=ANSWER_S).json()["deadLetters"]
        return list(letters)

    # What must be so.

    def until(self, what: str, condition: Callable[[], bool], within_s: float = WITHIN_S) -> None:
        """Wait for something.

        Raises:
            NotSoError: It does not come.
        """
        deadline = time.monotonic() + within_s
        while not condition():
            expect(time.monotonic() < deadline, "waiting", what, f"not within {within_s:g} s")
            time.sleep(PAUSE_S)

    def answers(self) -> None:
        """Its api handlers answer, at once."""
        response = self.get("ok")
        took_s = response.elapsed.total_seconds()
        where = f"GET /{self.lang}/ok"
        expect(response.text == "ok", where, "200 ok", f"{response.status_code} {response.text[:300]}")
        expect(took_s < SOON_S, where, f"an answer within {SOON_S:g} s", f"one after {took_s:.1f} s")

    def is_answering(self) -> bool:
        """Whether they do."""
        response = self.get("ok")
        return response.text == "ok" and response.elapsed.total_seconds() < SOON_S

    def is_calm(self) -> bool:
        """Whether nothing is left of the scenario before: there is one process, and it answers."""
        return len(self.pids()) == 1 and self.is_answering()

    def has_tools(self) -> bool:
        """Whether the kit's own steps answer."""
        return self._tools().status_code == httpx.codes.OK

    def _tools(self) -> httpx.Response:
        return httpx.get(f"{self.core.url}/tools/journal/nothing", timeout=ANSWER_S)

    def others_answer(self) -> None:
        """Handlers of another language group answer as if nothing was."""
        if self.group == "python":  # the kit's own steps are in Python
            return
        took_s = self._tools().elapsed.total_seconds()
        expect(took_s < SOON_S, "GET /tools/journal/nothing", f"an answer within {SOON_S:g} s", f"after {took_s:.1f} s")

    def same(self, what: str, expected: object, came: object) -> None:
        """Two values are the same."""
        expect(expected == came, what, json.dumps(expected, default=str), json.dumps(came, default=str))
