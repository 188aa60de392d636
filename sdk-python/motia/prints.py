"""What handlers print is marked with their attempt, so that the core can show it in its run (LAUNCH-8)."""

from __future__ import annotations

import io
import sys
import threading
from typing import Any, TextIO

from motia.attempt import Attempt
from motia.current import running

MARK = "\x1f"
LONGEST_LINE = 16 * 1024  # what is longer is written in parts, as the core would cut it

_writing = threading.RLock()  # an attempt may have threads of its own; a finalizer that prints may interrupt one


def follow_prints() -> None:
    """Mark what is written to the standard streams from now on."""
    sys.stdout = Marking(sys.stdout, "stdout")
    sys.stderr = Marking(sys.stderr, "stderr")


def end_prints(attempt: Attempt) -> None:
    """Write out lines that the attempt has begun and will not end."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, Marking):
            stream.end_line(attempt)


class Marking(io.TextIOBase):
    """A standard stream. Lines of attempts are never mixed; what no attempt writes goes through as it is."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, text: str, /) -> int:
        """See `io.TextIOBase`."""
        context = running.get()
        if context is None or not isinstance(text, str):
            return self._stream.write(text)
        with _writing:
            self._write_lines(context.attempt_handle, text)
        return len(text)

    def _write_lines(self, attempt: Attempt, text: str) -> None:
        if attempt.printed is None:
            attempt.printed = {}  # before the look at its end, which looks at this
        *lines, rest = (attempt.printed.get(self._name, "") + text).split("\n")
        is_over = bool(attempt.frame)  # nobody will end the line: it is written as it is
        if rest and (is_over or len(rest) > LONGEST_LINE):
            lines, rest = [*lines, rest], ""
        attempt.printed[self._name] = rest
        if is_over and lines == [""]:  # the newline, which print() writes apart: the line was ended already
            return
        if lines:
            mark = f"{MARK}{attempt.invoke.trace_id}{MARK}{attempt.step.reference}{MARK}"
            self._stream.write("".join(f"{mark}{line}\n" for line in lines))

    def end_line(self, attempt: Attempt) -> None:
        """See `end_prints`."""
        with _writing:
            if attempt.printed and (rest := attempt.printed.pop(self._name, "")):
                self._stream.write(f"{MARK}{attempt.invoke.trace_id}{MARK}{attempt.step.reference}{MARK}{rest}\n")

    def flush(self) -> None:
        """See `io.TextIOBase`."""
        self._stream.flush()

    def fileno(self) -> int:
        """See `io.TextIOBase`."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """See `io.TextIOBase`."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """See `io.TextIOBase`."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed says that it can be written: it cannot
        """See `io.TextIOBase`."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # the same
        """See `io.TextIOBase`."""
        return self._stream.errors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
