"""Dead letters as events, for those who subscribe to them."""

from __future__ import annotations

import orjson

from motia_core.model.event import Delivery
from motia_core.model.failure import Failure


def as_event(delivery: Delivery, failure: Failure, failed_ms: int) -> bytes:
    """A dead letter as an event."""
    return orjson.dumps(
        {
            "id": delivery.id,
            "topic": delivery.topic,
            "step": delivery.step_id,
            "attempts": delivery.attempt,
            "input": orjson.Fragment(delivery.data or b"null"),
            "failedAt": failed_ms,
            "failure": {
                "kind": failure.kind.value,
                "type": failure.type,
                "message": failure.message,
                "stack": failure.stack,
            },
        }
    )
