"""For the conformance kit: reads protobuf messages of the protocol from standard input and writes them again."""

from __future__ import annotations

import base64
import sys
from typing import Any

from motia._gen.motia.v1 import sidecar_pb2, telemetry_pb2

MESSAGES: dict[str, Any] = {
    "motia.v1.SidecarFrame": sidecar_pb2.SidecarFrame,
    "motia.v1.CoreFrame": sidecar_pb2.CoreFrame,
    "motia.v1.TelemetryRequest": telemetry_pb2.TelemetryRequest,
}


def main() -> None:
    """A line is a message's name, a space, and its bytes in base64; the answer is the bytes in base64."""
    for line in sys.stdin:
        name, text = line.split()
        message = MESSAGES[name].FromString(base64.b64decode(text))
        print(base64.b64encode(message.SerializeToString()).decode())


if __name__ == "__main__":
    main()
