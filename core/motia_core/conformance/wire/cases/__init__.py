"""The wire cases."""

from motia_core.conformance.wire.cases import calling, ending, loading, losing, starting, working

__all__ = ["calling", "ending", "loading", "losing", "starting", "working"]
