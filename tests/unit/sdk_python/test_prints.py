"""Lines of attempts on the standard streams, also where threads of one attempt print at once."""

from __future__ import annotations

import contextvars
import io
import threading
import time
from types import SimpleNamespace
from typing import Any, cast

from motia._gen.motia.v1 import invoke_pb2
from motia.attempt import Attempt
from motia.current import running
from motia.loaded_step import Step
from motia.prints import MARK, Marking

THREADS, LINES = 4, 20


class Slow(dict[str, str]):
    """Lines that were begun; whoever looks at one is interrupted."""

    def get(self, key: str, default: Any = None) -> Any:
        time.sleep(0.001)
        found = super().get(key, default)
        time.sleep(0.001)
        return found


def attempt() -> Attempt:
    invoke = invoke_pb2.Invoke(invocation_id=1, trace_id="T")
    return Attempt(invoke, Step("steps/a_step.py", (), None, False))


def test_threads_of_one_attempt_lose_and_double_nothing() -> None:
    out = io.StringIO()
    stream = Marking(out, "stdout")

    def work(number: int) -> None:
        running.set(cast(Any, SimpleNamespace(attempt_handle=of)))
        for at in range(LINES):
            stream.write(f"<{number}.{at}>")
            stream.write("\n")

    of = attempt()
    of.printed = Slow(stderr="")
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.end_line(of)
    written = "".join(line.rpartition(MARK)[2] for line in out.getvalue().splitlines())
    for number in range(THREADS):
        for at in range(LINES):
            assert written.count(f"<{number}.{at}>") == 1


def test_an_attempt_that_has_ended_leaves_nothing_unwritten() -> None:
    out = io.StringIO()
    stream = Marking(out, "stdout")
    of = attempt()

    def late() -> None:
        running.set(cast(Any, SimpleNamespace(attempt_handle=of)))
        stream.write("early")
        of.frame = b"the end"
        stream.write("\n")
        stream.write("late")
        stream.write("\n")
        stream.write("two\nlines")

    contextvars.copy_context().run(late)
    lines = [line.rpartition(MARK)[2] for line in out.getvalue().splitlines()]
    assert lines == ["early", "late", "two", "lines"]
