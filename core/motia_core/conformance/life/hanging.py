"""Sidecars that hang, block or run out of memory: what they ran runs again elsewhere, and nothing else stops."""

from __future__ import annotations

import signal
import time

from motia_core.conformance.compare import expect
from motia_core.conformance.life.scene import Scene

LATE_S = 4.0  # by then the handler of `late` has ended, whatever became of it


def frozen(scene: Scene) -> None:
    """A sidecar that stops is replaced at once, and ended when a lease is over; what it ran runs elsewhere."""
    scene.until("there is one process, which answers", scene.is_calm)
    scene.emit("wait", name="wait")
    scene.until("the handler starts", lambda: len(scene.noted("wait", "start")) == 1)
    (start,) = scene.noted("wait", "start")
    stopped = start["pid"]
    scene.kill(stopped, signal.SIGSTOP)
    scene.others_answer()
    scene.until("another process stands in before the lease is over", lambda: {stopped} < set(scene.pids()))
    scene.until("the handlers answer again", scene.is_answering)
    scene.until("the event is handled elsewhere", lambda: len(scene.noted("wait", "done")) == 1)
    scene.same("attempts: a lost sidecar costs none", [1, 1], [e["attempt"] for e in scene.noted("wait", "start")])
    done = scene.noted("wait", "done")[0]["pid"]
    expect(stopped not in (done, *scene.pids()), "the stopped process", "ended", f"pid {stopped} is still there")
    scene.until("there is one process again", lambda: len(scene.pids()) == 1)
    scene.answers()
    scene.same("dead letters", [], scene.dead_letters("wait"))


def long(scene: Scene) -> None:
    """A handler that takes longer than its lease runs on, as long as its sidecar is heard from."""
    scene.emit("wait", name="wait_long", seconds=6)
    scene.until("the event is handled", lambda: len(scene.noted("wait_long", "done")) == 1)
    scene.same("starts", 1, len(scene.noted("wait_long", "start")))


def blocked_event(scene: Scene) -> None:
    """A process whose handler blocks is given up when the attempt's time is over; its neighbours run elsewhere."""
    scene.emit("block")
    scene.until("the handler blocks", lambda: len(scene.noted("block", "start")) == 1)
    scene.others_answer()
    scene.until("the event is handled by another attempt", lambda: len(scene.noted("block", "done")) == 1, 30)
    first, *_ = scene.noted("block", "start")
    scene.same("the first attempt", 1, first["attempt"])
    scene.until("the handlers answer", scene.is_answering)
    scene.same("dead letters", [], scene.dead_letters("block"))


def dies_in_event(scene: Scene) -> None:
    """A process that dies, of too much memory or by a signal, costs no attempt of what it ran."""
    scene.emit("wait", name="wait_beside")
    scene.until("another handler runs", lambda: len(scene.noted("wait_beside", "start")) == 1)
    scene.emit("die")
    scene.until(
        "both events are handled",
        lambda: len(scene.noted("die", "done")) == len(scene.noted("wait_beside", "done")) == 1,
    )
    first, second = scene.noted("die", "start")
    scene.same("attempts: a lost sidecar costs none", [1, 1], [first["attempt"], second["attempt"]])
    done = scene.noted("die", "done")[0]["pid"]
    expect(first["pid"] != second["pid"] == done, "the processes", "another one for the second start", "the same")
    attempts = [entry["attempt"] for entry in scene.noted("wait_beside", "start")]
    scene.same("attempts of the other handler", [1, 1], attempts)
    scene.answers()
    scene.others_answer()


def late(scene: Scene) -> None:
    """A handler that goes on after its time and the grace has failed: what it does then has no effect."""
    began = time.monotonic()
    scene.emit("late")
    scene.until("the attempt has failed", lambda: len(scene.dead_letters("late")) == 1)
    (letter,) = scene.dead_letters("late")
    expect("timed out" in str(letter), "the dead letter", "a time-out", str(letter))
    time.sleep(max(0.0, began + LATE_S - time.monotonic()))
    scene.same("what the late handler wrote", [], scene.noted("late", "late"))
    scene.same("dead letters", 1, len(scene.dead_letters("late")))
    scene.until("the handlers answer", scene.is_answering)
