"""Writes lines from a thread of its own, so that a slow terminal or a full pipe never stops the core."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

STDOUT, STDERR = 1, 2  # file descriptors
MOST_WAITING = 20_000  # lines; more are dropped
BATCH = 1_000  # lines that are written at once
CLOSE_S = 2.0  # for what waits to be written when the program ends


class LineWriter:
    """Takes lines without blocking. Lines that nobody reads in time are dropped and counted."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._is_gone = False  # nobody reads any more
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Write a line some time soon."""
        if self._lines.qsize() < MOST_WAITING:
            self._lines.put(line)
        else:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits, but not for long."""
        self._lines.put(None)
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        lines = self._lines
        while True:
            batch = [lines.get()]
            while len(batch) < BATCH and not lines.empty():
                batch.append(lines.get())
            text = "".join(f"{line}\n" for line in batch if line is not None)
            if self._dropped:
                text += f"… {self._dropped} lines were dropped here: the output is not read fast enough\n"
                self._dropped = 0
            self._print(text.encode(errors="backslashreplace"))
            if batch[-1] is None:
                return

    def _print(self, data: bytes) -> None:
        try:
            while data and not self._is_gone:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._is_gone = True
