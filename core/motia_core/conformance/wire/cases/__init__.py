"""The wire cases."""

from motia_core.conformance.wire.cases import calling, ending, golden, loading, losing, starting, working

__all__ = ["calling", "ending", "golden", "loading", "losing", "starting", "working"]
