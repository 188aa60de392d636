"""Where the nodes of flows stand: `motia-workbench.json` of the project, as 0.x kept it (contract 13)."""

from __future__ import annotations

import json
from pathlib import Path

POSITIONS = "motia-workbench.json"


def read_positions(project: Path) -> dict[str, dict[str, object]]:
    """By flow: places by file."""
    found = {str(entry.get("id")): entry.get("config") for entry in _entries(project / POSITIONS)}
    return {name: config for name, config in found.items() if isinstance(config, dict)}


def save_positions(project: Path, name: str, config: dict[str, object]) -> None:
    """Those of one flow."""
    path = project / POSITIONS
    entries = [entry for entry in _entries(path) if entry.get("id") != name]
    text = json.dumps([*entries, {"id": name, "config": config}], indent=2, ensure_ascii=False) + "\n"
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)  # a reader sees the old one or the new one


def _entries(path: Path) -> list[dict[str, object]]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []  # there is none yet, or it is somebody's unfinished edit: the layout is made anew
    return [entry for entry in content if isinstance(entry, dict)] if isinstance(content, list) else []
