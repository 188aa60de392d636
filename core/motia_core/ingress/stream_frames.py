"""What clients of streams send (docs/stream-wire.md), parsed and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from motia_core.model.stream import Address, StreamMessage

LONGEST_NAME = 1024  # characters; names are kept as long as their subscription
LARGEST_INFO = 4 * 1024  # bytes that a member may show: every other member is sent them


class InvalidFrameError(Exception):
    """A frame cannot be handled; the message says why.

    Args:
        about: What is known of it, for whoever sent it: its address, subscriptionId, messageId.
    """

    def __init__(self, message: str, address: Address, about: dict[str, object]) -> None:
        super().__init__(message)
        self.address = address
        self.about = about


@dataclass(frozen=True, slots=True)
class Join:
    """Subscribe."""

    address: Address
    subscription_id: str
    after: int = 0  # the sequence that the client has
    is_acknowledged: bool = False
    info: bytes | None = None  # what the others are to see; None: they see nothing of it


@dataclass(frozen=True, slots=True)
class Leave:
    """End a subscription."""

    address: Address
    subscription_id: str


@dataclass(frozen=True, slots=True)
class Send:
    """Hand a message to the project's steps."""

    address: Address
    message: StreamMessage
    message_id: str


def parse(text: str | None) -> Join | Leave | Send | None:
    """What a message asks for; None: nothing that is known here.

    Args:
        text: None: the message was a binary one.

    Raises:
        InvalidFrameError: It asks for nothing that can be done.
    """
    found = _Members(_object(text))
    if found.type not in _PARSERS:
        return None
    return _PARSERS[found.type](found)


def _object(text: str | None) -> dict[str, Any]:
    if text is None:
        raise _invalid("Messages are text frames, not binary ones.")
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _invalid(f"The message is not valid JSON: {error}.") from error
    if not isinstance(frame, dict):
        raise _invalid("The message is not a JSON object.")
    return frame


def _invalid(message: str) -> InvalidFrameError:
    return InvalidFrameError(message, Address("", ""), {})


class _Members:
    """The members of a frame. null stands for a member that is not there."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self.type = frame["type"] if isinstance(frame.get("type"), str) else ""
        data = frame.get("data")
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}

    def address(self) -> Address:
        if not self._data:
            raise self.invalid("data is missing, or not an object")
        return Address(self.text("streamName"), self.text("groupId"), self.text("id", ""))

    def text(self, name: str, default: str | None = None) -> str:
        value = self._data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.invalid(f"{name} is missing" if value is None else f"{name} is not a string")
        if len(value) > LONGEST_NAME:
            raise self.invalid(f"{name} is longer than {LONGEST_NAME} characters")
        return value

    def get(self, name: str) -> Any:
        return self._data.get(name)

    def invalid(self, problem: str) -> InvalidFrameError:
        known = self._known("streamName"), self._known("groupId"), self._known("id")
        names = {name: self._known(name) for name in ("subscriptionId", "messageId")}
        about: dict[str, object] = {name: value for name, value in names.items() if value}
        return InvalidFrameError(f"{self.type}: {problem}.", Address(*known), about)

    def _known(self, name: str) -> str:
        value = self._data.get(name)
        return value if isinstance(value, str) and len(value) <= LONGEST_NAME else ""


def _join(found: _Members) -> Join:
    address, subscription_id = found.address(), found.text("subscriptionId", "")
    after = found.get("sequence")
    if after is not None and (type(after) is not int or after < 0):
        raise found.invalid("sequence is not a whole number")
    is_acknowledged = found.get("acknowledge") or False
    if not isinstance(is_acknowledged, bool):
        raise found.invalid("acknowledge is neither true nor false")
    info = _info(found)
    if info is not None and (not is_acknowledged or address.item_id):
        raise found.invalid("presence needs acknowledge, and is of a group, not of an item")
    return Join(address, subscription_id, after or 0, is_acknowledged, info)


def _info(found: _Members) -> bytes | None:
    presence = found.get("presence")
    if presence is None or presence is False:
        return None
    if presence is True:
        return b"{}"
    if not isinstance(presence, dict):
        raise found.invalid("presence is neither true nor an object")
    info = orjson.dumps(presence)
    if len(info) > LARGEST_INFO:
        raise found.invalid(f"presence has more than {LARGEST_INFO} bytes")
    return info


def _leave(found: _Members) -> Leave | None:
    if found.get("subscriptionId") is None:
        return None
    return Leave(found.address(), found.text("subscriptionId"))


def _send(found: _Members) -> Send:
    address, message_id = found.address(), found.text("messageId", "")
    message = found.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise found.invalid("message is missing, or has no type")
    data = orjson.dumps(message["data"]) if "data" in message else None
    return Send(address, StreamMessage(message["type"], data), message_id)


_PARSERS = {"join": _join, "leave": _leave, "send": _send}
