"""Handlers that end, block or flood their process: everybody else is served."""

from __future__ import annotations

import threading
import time

from motia_core.conformance.compare import expect
from motia_core.conformance.life.scene import Scene

BUSY_S = 2.5  # by then the core has noticed a blocked process, and has started another one
MOST_RECORDS = 50_000


def exits(scene: Scene) -> None:
    """A handler that exits fails alone, and its process lives on."""
    since = len(scene.core.records)
    scene.same(f"the status of GET /{scene.lang}/bad/exit", 500, scene.get("bad/exit").status_code)
    scene.answers()
    scene.same("processes that ended", [], scene.ended(since))


def dies(scene: Scene) -> None:
    """A process that dies takes its requests with it, and is replaced."""
    response = scene.get("bad/die")
    is_so = response.status_code == 502 and "SIDECAR_LOST" in response.text
    came = f"{response.status_code} {response.text[:300]}"
    expect(is_so, f"GET /{scene.lang}/bad/die", "502 with SIDECAR_LOST", came)
    scene.until("the handlers answer again", scene.is_answering)


def blocks(scene: Scene) -> None:
    """A handler that blocks keeps nobody waiting for long, and is not ended for it."""
    blocked: list[str] = []
    thread = threading.Thread(target=lambda: blocked.append(scene.get("bad/block").text))
    began = time.monotonic()
    thread.start()
    time.sleep(0.2)
    scene.others_answer()
    time.sleep(max(0.0, began + BUSY_S - time.monotonic()))
    scene.answers()
    scene.same("answers of the handler that blocks for 5 s, after 2.5 s", [], blocked)
    thread.join()
    scene.same(f"the answer of GET /{scene.lang}/bad/block", ["block"], blocked)
    scene.answers()


def floods(scene: Scene) -> None:
    """A handler that prints without end delays nobody, and fills nothing."""
    scene.same(f"the answer of GET /{scene.lang}/bad/flood", "flood", scene.get("bad/flood").text)
    scene.answers()
    count = len(scene.core.records)
    expect(count < MOST_RECORDS, "200000 printed lines", f"fewer than {MOST_RECORDS} records", f"{count}")


def uncaught(scene: Scene) -> None:
    """What a handler leaves behind and nobody catches is logged, and ends nothing."""
    since = len(scene.core.records)
    scene.same(f"the answer of GET /{scene.lang}/later", "later", scene.get("later").text)
    scene.until(
        "a record with 'nobody catches this'",
        lambda: any("nobody catches this" in line for line in scene.core.log_lines()),
        within_s=5,
    )
    scene.answers()
    scene.same("processes that ended", [], scene.ended(since))
