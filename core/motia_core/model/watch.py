"""What an event step watches instead of topics: state, or items of a stream."""

from __future__ import annotations

from dataclasses import dataclass

STATE_TOPIC = "motia.state"  # of the deliveries of a change of state
STREAM_TOPIC = "motia.stream."  # with the name behind it: of a change in a stream


@dataclass(frozen=True, slots=True)
class Watch:
    """Changes that a step runs for."""

    stream: str = ""  # empty: of state
    group: str = ""  # of the stream; empty: any
    item: str = ""  # of the stream; empty: any

    @property
    def topic(self) -> str:
        """What deliveries of such a change are filed under."""
        return f"{STREAM_TOPIC}{self.stream}" if self.stream else STATE_TOPIC

    @property
    def what(self) -> str:
        """As people read it."""
        place = "/".join(part or "*" for part in (self.stream, self.group, self.item)).rstrip("/*")
        return f"stream {place}" if self.stream else "state"

    def covers(self, group: str, item: str) -> bool:
        """Whether it is about this item, or this group (then the item is empty), of the stream that it watches."""
        return self.group in ("", group) and self.item in ("", item)
