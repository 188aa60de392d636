"""One client of streams on a WebSocket connection: what its messages do, and what it is told of them."""

from __future__ import annotations

from typing import assert_never

import orjson

from motia_core.errors import (
    ForbiddenError,
    MessageInvalidError,
    MessageRefusedError,
    MotiaError,
    NotAvailableError,
    StreamAccessError,
    UnauthorizedError,
)
from motia_core.ingress.stream_frames import InvalidFrameError, Join, Leave, Send, parse
from motia_core.ingress.subscriptions import NoPresenceError, StreamServices, StreamWatcher, Subscriptions
from motia_core.model.stream import Address
from motia_core.model.stream_frame import of_answer, of_error

NOWHERE = Address("", "")


class StreamClient:
    """Handles messages, one after the other.

    Args:
        services: What there is.
        connection: Where answers and changes go.
        subscriptions: Its own.
        max_subscriptions: How many it may have.
    """

    __slots__ = ("_connection", "_max_subscriptions", "_services", "_subscriptions")

    def __init__(
        self,
        services: StreamServices,
        connection: StreamWatcher,
        subscriptions: Subscriptions,
        *,
        max_subscriptions: int,
    ) -> None:
        self._services, self._connection, self._subscriptions = services, connection, subscriptions
        self._max_subscriptions = max_subscriptions

    async def handle(self, text: str | None) -> None:
        """Do what a message asks for, or say why not.

        Args:
            text: None: it was a binary message.
        """
        frame: Join | Leave | Send | None = None
        try:
            frame = parse(text)
            match frame:
                case None:
                    pass
                case Join():
                    await self._join(frame)
                case Leave():
                    await self._subscriptions.leave(frame.address, frame.subscription_id)
                case Send():
                    await self._send(frame)
                case _:
                    assert_never(frame)
        except InvalidFrameError as error:
            self.refuse("INVALID_FRAME", str(error), error.address, error.about)
        except NoPresenceError:
            assert frame is not None
            message = f"The stream '{frame.address.stream}' has no presence."
            self.refuse("INVALID_FRAME", message, frame.address, _about(frame))
        except MotiaError as error:
            assert frame is not None
            about = _about(frame)
            if isinstance(error, MessageInvalidError):
                about["errors"] = error.details.get("errors", [])
            self.refuse(_code(error), error.message, frame.address, about)

    def refuse(
        self, code: str, message: str, address: Address = NOWHERE, about: dict[str, object] | None = None
    ) -> None:
        """Tell the client that something was not done."""
        data: dict[str, object] = {"code": code, "message": message, **(about or {})}
        self._connection.deliver(of_error(address, data, at_us=self._services.clock.now_us()))

    async def end(self) -> None:
        """The client has left."""
        await self._subscriptions.end()

    async def _join(self, asked: Join) -> None:
        subscriptions, address = self._subscriptions, asked.address
        if subscriptions.count >= self._max_subscriptions and (address, asked.subscription_id) not in subscriptions:
            limit = f"A connection may have {self._max_subscriptions} subscriptions (streams.max_subscriptions)."
            self.refuse("TOO_MANY_SUBSCRIPTIONS", limit, address, _about(asked))
            return
        joined = await subscriptions.join(address, asked.subscription_id, after=asked.after, info=asked.info)
        if not asked.is_acknowledged:
            return
        event: dict[str, object] = {
            "type": "joined",
            "subscriptionId": asked.subscription_id,
            "sequence": joined.sequence,
            "resumed": joined.is_resumed,
        }
        if asked.info is not None:
            event["memberId"] = subscriptions.member_id(address)
            event["members"] = [
                {"memberId": member.member_id, "info": orjson.Fragment(member.info)} for member in joined.members
            ]
        self._answer(address, event, joined.sequence)

    async def _send(self, asked: Send) -> None:
        if not self._subscriptions.may_send(asked.address):
            raise MessageRefusedError("Join the group before sending to it.")
        await self._subscriptions.send(asked.address, asked.message)
        if asked.message_id:
            self._answer(asked.address, {"type": "sent", "messageId": asked.message_id})

    def _answer(self, address: Address, event: dict[str, object], sequence: int = 0) -> None:
        now_us = self._services.clock.now_us()
        self._connection.deliver(of_answer(address, event, at_us=now_us, sequence=sequence))


def _about(frame: Join | Leave | Send) -> dict[str, object]:
    if isinstance(frame, Send):
        return {"messageId": frame.message_id} if frame.message_id else {}
    return {"subscriptionId": frame.subscription_id} if frame.subscription_id else {}


def _code(error: MotiaError) -> str:
    match error:
        case MessageRefusedError() | MessageInvalidError() | StreamAccessError():
            return error.code
        case NotAvailableError() | UnauthorizedError() | ForbiddenError():
            return StreamAccessError.code
        case _:
            return "UNAVAILABLE"
