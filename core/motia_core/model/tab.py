"""Tabs that plugins of 0.x add to the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tab:
    """What a plugin's `workbench` entry says (contract 9.4); its icon is not shown."""

    package: str  # an installed package, or "~/" and a path below the project
    label: str
    component: str = "default"  # what the package exports it as
    position: str = "top"
    styles: tuple[str, ...] = ()  # modules of style sheets
    props: Mapping[str, object] = field(default_factory=dict)
