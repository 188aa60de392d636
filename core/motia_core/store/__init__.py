"""The edge that keeps things: deliveries, dead letters, state, stream items and recorded attempts."""

from motia_core.store.opening import Store, open_store

__all__ = ["Store", "open_store"]
