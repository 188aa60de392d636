"""The wire cases."""

from motia_core.conformance.wire.cases import (
    calling,
    ending,
    external,
    golden,
    loading,
    losing,
    recorded,
    starting,
    working,
)

__all__ = ["calling", "ending", "external", "golden", "loading", "losing", "recorded", "starting", "working"]
