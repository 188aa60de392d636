"""Writes a project of many steps in many flows, to measure how long the workbench takes to load.

python -m bench.wide_project FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FLOWS = 20
STEPS = 200

_HANDLERS = {"api": "async () => ({ status: 202 })", "event": "async () => {}", "cron": "async () => {}"}


def write_project(folder: Path, *, steps: int = STEPS, flows: int = FLOWS) -> None:
    """A chain in each flow: an api step, events that branch, a cron step at the end."""
    of_flow = steps // flows
    (folder / "steps").mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "wide", "private": true}\n')
    for flow in range(flows):
        for place in range(of_flow):
            config = _config(flow, place, of_flow)
            text = (
                f"export const config = {json.dumps(config, indent=2)}\n\n"
                f"export const handler = {_HANDLERS[str(config['type'])]}\n"
            )
            (folder / "steps" / f"flow-{flow:02}-{place:02}.step.js").write_text(text)


def _config(flow: int, place: int, of_flow: int) -> dict[str, object]:
    name = f"flow{flow:02}.step{place:02}"
    children = [child for child in (2 * place + 1, 2 * place + 2) if child < of_flow - 1]
    config: dict[str, object] = {
        "name": name,
        "description": f"Step {place} of flow {flow}",
        "flows": [f"flow-{flow:02}"],
        "emits": [f"flow{flow:02}.to{child:02}" for child in children],
    }
    if place == 0:
        return {"type": "api", "method": "POST", "path": f"/flows/{flow}", **config}
    if place == of_flow - 1:
        return {"type": "cron", "cron": "0 3 * * *", **config}
    return {"type": "event", "subscribes": [f"flow{flow:02}.to{place:02}"], **config}


if __name__ == "__main__":
    write_project(Path(sys.argv[1]))
