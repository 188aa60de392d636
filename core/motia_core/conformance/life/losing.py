"""kill -9 and lost connections in the middle of work lose nothing."""

from __future__ import annotations

from functools import partial

import httpx

from motia_core.conformance.compare import expect
from motia_core.conformance.life.scene import Scene

EVENTS = 1_000
KILLS = 3


def killed(scene: Scene) -> None:
    """kill -9 of the sidecar, again and again, loses no event."""

    def has_handled(number: int) -> bool:
        return handled(scene) >= number

    emit_many(scene, EVENTS)
    for kills in range(1, KILLS + 1):
        scene.until("events are handled", partial(has_handled, kills * EVENTS // 5))
        for pid in scene.pids():
            scene.kill(pid)
    scene.until(f"all {EVENTS} events are handled", lambda: handled(scene) == EVENTS, 40)
    scene.same("dead letters", [], scene.dead_letters("note"))


def reconnects(scene: Scene) -> None:
    """A connection that is lost while handlers run: they run on, and their outcomes arrive once."""
    for n in range(5):
        scene.emit("wait", name="wait", seconds=0.5 + n)
    scene.until("the events are handled", lambda: len(scene.noted("wait", "done")) == 5, 30)
    starts = scene.noted("wait", "start")
    scene.same("starts: none was run again", 5, len(starts))
    scene.same("the processes that ran them", 1, len({entry["pid"] for entry in starts}))
    scene.answers()
    cuts = sum("connection cut" in line for line in scene.core.log_lines())
    expect(cuts >= 2, "the kit", "to have cut the connection at least twice", f"{cuts}")


def emit_many(scene: Scene, count: int) -> None:
    """Emit so many events that are numbered, by the kit's own step."""
    events = [{"topic": f"note.{scene.lang}", "data": {"n": n}} for n in range(count)]
    scene.until("the kit's own steps answer", scene.has_tools)  # the case before may have killed their sidecar
    httpx.post(f"{scene.core.url}/tools/emit", json=events, timeout=60).raise_for_status()


def handled(scene: Scene) -> int:
    """How many different ones were handled."""
    return len({entry["n"] for entry in scene.journal("note")})
