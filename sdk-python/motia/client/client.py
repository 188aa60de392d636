"""A client of the project's streams, for asyncio."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from motia.client.subscription import GroupSubscription, ItemSubscription, Subscription
from motia.client.wire import Frame, StreamError, refusal_of

T = TypeVar("T")
S = TypeVar("S", bound=Subscription[Any])

ANSWER_S = 10.0  # for a message to be taken, and for a subscription to begin
RETRY_S = 1.0  # after the core could not let a subscription in just now
FIRST_PAUSE_S = 0.3  # before a lost connection is made again; doubles
LONGEST_PAUSE_S = 15.0
STEADY_S = 5.0  # a connection that lived so long was a good one: the next pause is short again

log = logging.getLogger("motia.client")


@dataclass(eq=False)
class Message:
    """One that waits for an answer."""

    subscription: Subscription[Any]
    frame: Frame
    done: asyncio.Future[None]
    is_sent: bool = False


class StreamClient:
    """Watches streams over one connection, which is made again when it is lost: what was missed comes then, and not all
    again.

    Args:
        url: Of the core: "ws://localhost:3000". A function is called for each connection, for instance for a fresh
            token; it may be async.
        headers: Of the handshake.
        protocols: Sub-protocols, which some projects carry a token in.
    """

    def __init__(
        self,
        url: str | Callable[[], str | Awaitable[str]],
        *,
        headers: dict[str, str] | None = None,
        protocols: Sequence[str] = (),
    ) -> None:
        self._url = url
        self._headers = headers or {}
        self._protocols = list(protocols)
        self._subscriptions: dict[str, Subscription[Any]] = {}
        self._messages: dict[str, Message] = {}
        self._count = 0
        self._socket: Any = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> StreamClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all subscriptions, and the connection."""
        for subscription in list(self._subscriptions.values()):
            await subscription.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def group(
        self,
        stream: str,
        group_id: str,
        *,
        presence: bool | dict[str, Any] = False,
        model: Callable[..., T] | None = None,
    ) -> GroupSubscription[T]:
        """Watch all items of a group; returns when it has them.

        Args:
            presence: Be seen by the other members, and see them; a dict is what they see.
            model: What items become, called with their fields: a Pydantic model, a dataclass.

        Raises:
            StreamError: It was refused.
        """
        address = {"streamName": stream, "groupId": group_id}
        return await self._join(GroupSubscription[T](self, address, self._next_id(), presence, _parser(model)))

    async def item(
        self, stream: str, group_id: str, item_id: str, *, model: Callable[..., T] | None = None
    ) -> ItemSubscription[T]:
        """Watch one item, there or not; returns when it has it. See `group`."""
        address = {"streamName": stream, "groupId": group_id, "id": item_id}
        return await self._join(ItemSubscription[T](self, address, self._next_id(), False, _parser(model)))

    # --- for subscriptions

    async def leave(self, subscription: Subscription[Any]) -> None:
        if self._subscriptions.pop(subscription.subscription_id, None) is not None:
            data = {**subscription.address, "subscriptionId": subscription.subscription_id}
            await self._write({"type": "leave", "data": data})

    async def send(self, subscription: Subscription[Any], type: str, data: Any, id: str) -> None:  # noqa: A002
        message_id = self._next_id()
        body: dict[str, Any] = {"type": type} if data is None else {"type": type, "data": data}
        address = {key: subscription.address[key] for key in ("streamName", "groupId")} | ({"id": id} if id else {})
        frame = {"type": "send", "data": {**address, "messageId": message_id, "message": body}}
        message = Message(subscription, frame, asyncio.get_running_loop().create_future())
        self._messages[message_id] = message
        try:
            await self._flush(message)
            await asyncio.wait_for(message.done, ANSWER_S)
        except asyncio.TimeoutError:
            raise StreamError("TIMEOUT", "the message was not taken in time") from None
        finally:
            del self._messages[message_id]

    async def _join(self, subscription: S) -> S:
        self._subscriptions[subscription.subscription_id] = subscription
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        await self._send_join(subscription)
        try:
            await subscription.joined
        except BaseException:
            await self.leave(subscription)
            raise
        return subscription

    # --- the connection

    async def _run(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                await self._live()
            except (OSError, asyncio.TimeoutError, _websockets().WebSocketException) as error:
                log.debug("the connection was lost: %r", error)
                self._fail_first(error)
            finally:
                self._lost()
            if loop.time() - began_s > STEADY_S:
                failures = 0
            longest_s = min(FIRST_PAUSE_S * 2**failures, LONGEST_PAUSE_S)
            failures += 1
            await asyncio.sleep(longest_s * (0.5 + random.random() / 2))  # not all at the same moment

    async def _live(self) -> None:
        from websockets.asyncio.client import connect

        url = self._url() if callable(self._url) else self._url
        if inspect.isawaitable(url):
            url = await url
        protocols: Any = self._protocols or None
        async with connect(
            url, additional_headers=self._headers, subprotocols=protocols, max_size=None, compression=None
        ) as self._socket:
            for subscription in list(self._subscriptions.values()):
                await self._send_join(subscription)
            async for text in self._socket:
                await self._received(json.loads(text))

    def _fail_first(self, error: Exception) -> None:
        """Whoever was refused by the handshake hears it; a core that is not there yet may come."""
        status = getattr(getattr(error, "response", None), "status_code", 0)
        if status in (401, 403):
            refused = StreamError("STREAM_ACCESS_DENIED", f"the core refused the connection with {status}")
            for subscription in self._subscriptions.values():
                subscription.refuse(refused)

    def _lost(self) -> None:
        self._socket = None
        for subscription in self._subscriptions.values():
            if subscription.status == "live":
                subscription.status, subscription.members = "offline", {}
        for message in self._messages.values():
            if message.is_sent and not message.done.done():
                # Sending it again might have it handled twice: only who sent it knows whether that matters.
                message.done.set_exception(StreamError("UNCERTAIN", "the connection was lost before the answer came"))

    async def _received(self, frame: Frame) -> None:
        if (refusal := refusal_of(frame)) is not None:
            self._refused(refusal)
            return
        event = frame["event"]
        if event["type"] == "sent":
            self._answer(event["messageId"], None)
        elif event["type"] == "joined":
            subscription = self._subscriptions.get(event["subscriptionId"])
            if subscription is not None:
                subscription.accept(event)
                for message in list(self._messages.values()):
                    if message.subscription is subscription:
                        await self._flush(message)
        else:
            for subscription in list(self._subscriptions.values()):
                address = subscription.address
                if address["streamName"] == frame["streamName"] and address["groupId"] == frame["groupId"]:
                    own_id = address.get("id")
                    # An item's changes are its group's too; its sync is not.
                    if own_id == frame.get("id") or (own_id is None and event["type"] != "sync"):
                        subscription.receive(frame)

    def _refused(self, refusal: dict[str, Any]) -> None:
        error = StreamError(refusal["code"], refusal.get("message", ""), refusal.get("errors"))
        subscription = self._subscriptions.get(refusal.get("subscriptionId", ""))
        if (message_id := refusal.get("messageId")) is not None:
            self._answer(message_id, error)
        elif subscription is None:
            log.warning("the core refused something: %s %s", error.code, error)
        elif error.code in ("UNAVAILABLE", "RATE_LIMITED"):
            loop = asyncio.get_running_loop()
            loop.call_later(RETRY_S, lambda: loop.create_task(self._send_join(subscription)))
        else:
            subscription.refuse(error)

    def _answer(self, message_id: str, error: StreamError | None) -> None:
        message = self._messages.get(message_id)
        if message is None or message.done.done():
            return
        if error is None:
            message.done.set_result(None)
        else:
            message.done.set_exception(error)

    async def _send_join(self, subscription: Subscription[Any]) -> None:
        if self._socket is None or subscription.subscription_id not in self._subscriptions:
            return
        subscription.joining()
        data = {
            **subscription.address,
            "subscriptionId": subscription.subscription_id,
            "acknowledge": True,
            "sequence": subscription.sequence,
        }
        if subscription.presence is not False:
            data["presence"] = subscription.presence
        await self._write({"type": "join", "data": data})

    async def _flush(self, message: Message) -> None:
        if not message.is_sent and message.subscription.status == "live" and self._socket is not None:
            message.is_sent = True
            await self._write(message.frame)

    async def _write(self, frame: Frame) -> None:
        if self._socket is not None:
            try:
                await self._socket.send(json.dumps(frame))
            except _websockets().ConnectionClosed:
                pass  # who waits for an answer hears that the connection was lost

    def _next_id(self) -> str:
        self._count += 1
        return str(self._count)


def _parser(model: Callable[..., T] | None) -> Callable[[dict[str, Any]], T]:
    return (lambda item: item) if model is None else (lambda item: model(**item))  # type: ignore[return-value]  # items as they are


def _websockets() -> Any:
    try:
        from websockets import exceptions
    except ImportError:
        raise ImportError('streams need the package websockets: pip install "motia[client]"') from None
    return exceptions
