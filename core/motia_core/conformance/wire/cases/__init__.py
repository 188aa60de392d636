"""The wire cases."""

from motia_core.conformance.wire.cases import calling, ending, golden, loading, losing, recorded, starting, working

__all__ = ["calling", "ending", "golden", "loading", "losing", "recorded", "starting", "working"]
