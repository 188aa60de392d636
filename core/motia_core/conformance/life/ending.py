"""How a sidecar ends: when it is asked to, and when its core is gone."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from motia_core.conformance.compare import expect
from motia_core.conformance.life.losing import emit_many, handled
from motia_core.conformance.life.scene import Scene

EVENTS = 300
GONE_S = 8.0
PROC = Path("/proc/self")


def drains(scene: Scene) -> None:
    """SIGTERM finishes what runs; the sidecar ends by itself."""
    pids = scene.pids()
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(scene.get("slow").text))
    thread.start()
    scene.until("the request is being answered", lambda: len(scene.noted("slow", "start")) == 1)
    began = time.monotonic()
    core = scene.core
    code = core.stop()
    took_s = time.monotonic() - began
    thread.join()
    scene.same("the answer of the request that ran", ["slow"], answers)
    scene.same("the core's exit code", 0, code)
    expect(took_s < 8, "the end", "within 8 s of SIGTERM", f"after {took_s:.1f} s")
    scene.same("processes that are left", [], [pid for pid in pids if is_alive(pid)])


def drains_events(scene: Scene) -> None:
    """Events that were not started when the core was stopped run after its next start, and none runs twice."""
    emit_many(scene, EVENTS)
    scene.until("some are handled", lambda: handled(scene) >= EVENTS // 10)
    scene.same("the core's exit code", 0, scene.core.stop())
    scene.until(f"all {EVENTS} events are handled", lambda: handled(scene) == EVENTS, 40)
    twice = [entry["n"] for entry in scene.journal("note") if entry["times"] > 1]
    scene.same("events that ran twice", [], twice)


def leaves(scene: Scene) -> None:
    """A sidecar that somebody else runs is asked to end: what it runs is answered, and it ends with code 0."""
    scene.until("a sidecar is attached", scene.is_calm)
    (pid,) = scene.pids()
    answers: list[str] = []
    already = len(scene.noted("slow", "start"))
    thread = threading.Thread(target=lambda: answers.append(scene.get("slow").text))
    thread.start()
    scene.until("the request is being answered", lambda: len(scene.noted("slow", "start")) > already)
    scene.kill(pid, signal.SIGTERM)
    thread.join()
    scene.same("the answer of the request that ran", ["slow"], answers)
    scene.until("the process ends", lambda: not is_alive(pid))
    scene.until("its exit code is known", lambda: pid in scene.stage.exit_codes)
    scene.same("the exit code of the sidecar", 0, scene.stage.exit_codes[pid])
    scene.until("the next sidecar answers", scene.is_calm)


def orphans(scene: Scene) -> None:
    """A sidecar whose core has died, however that was, ends."""
    scene.answers()
    pids = scene.pids()
    scene.core.stop(signal.SIGKILL)
    deadline = time.monotonic() + GONE_S
    while left := [pid for pid in pids if is_alive(pid)]:
        if time.monotonic() > deadline:
            for pid in left:
                scene.kill(pid)
            expect(False, "kill -9 of the core", "its sidecars end", f"pid {left} is still there after {GONE_S:g} s")
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process is there, and is more than a zombie that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # it has just ended, or this is no Linux
        return not PROC.is_dir()
