"""How many long-lived connections there may be: those of WebSocket steps and those of stream clients together."""

from __future__ import annotations

from motia_core.errors import OverloadedError


class Places:
    """Counts them."""

    def __init__(self, limit: int) -> None:
        self._limit = self._free = limit

    @property
    def taken(self) -> int:
        """Who is here now."""
        return self._limit - self._free

    def take(self) -> None:
        """Somebody comes, and will `leave`.

        Raises:
            OverloadedError: There is no place.
        """
        if self._free <= 0:
            raise OverloadedError("Too many WebSocket connections are open (http.max_sockets).")
        self._free -= 1

    def leave(self) -> None:
        """Somebody has left."""
        self._free += 1
