"""The processes that run steps."""

from __future__ import annotations

from typing import TypedDict

from motia_core.workbench.described.operation import At, Ms


class Sidecar(TypedDict):
    """A process that runs steps."""

    name: str
    group: str
    pid: int
    address: str
    connected: bool
    busy: bool
    leaving: bool
    running: int
    memoryBytes: int
    loopLagMs: Ms
    startedMs: At
    restarts: int


class DescribedSidecar(Sidecar):
    """A process that runs steps, with what it can run."""

    languages: list[str]
    steps: int


class Sidecars(TypedDict):
    """The processes."""

    sidecars: list[DescribedSidecar]
    awaited: list[str]
