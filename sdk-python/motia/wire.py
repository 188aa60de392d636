"""Frames as bytes. A frame is packed once, in the thread that made it; a message is packed frames joined together."""

from __future__ import annotations

from motia._gen.motia.v1 import sidecar_pb2

FRAMES_TAG = b"\x0a"  # SessionRequest.frames: field 1, length-delimited
LOGS_TAG = b"\x12"  # TelemetryRequest.logs: field 2, length-delimited
SPANS_TAG = b"\x22"  # TelemetryRequest.spans: field 4, length-delimited


def pack_message(tag: bytes, message: bytes) -> bytes:
    """One element of a repeated message field. Concatenating elements is what protobuf defines as a list of them."""
    size = len(message)
    if size < 0x80:
        return tag + bytes((size,)) + message
    length = bytearray()
    while size >= 0x80:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return tag + length + message


def pack(frame: sidecar_pb2.SidecarFrame) -> bytes:
    """A frame, ready to be joined into a SessionRequest."""
    return pack_message(FRAMES_TAG, frame.SerializeToString())
