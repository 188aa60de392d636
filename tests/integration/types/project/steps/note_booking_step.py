from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from pydantic import BaseModel

if TYPE_CHECKING:
    from motia_types import NoteBookingContext, NoteBookingInput


class Booking(BaseModel):
    ticket: str
    price: float
    parent: Optional[Booking] = None  # noqa: UP045


config: dict[str, Any] = {
    "type": "event",
    "name": "NoteBooking",
    "subscribes": ["seat.booked"],
    "emits": [],
    "input": Booking,
}


async def handler(input: NoteBookingInput, ctx: NoteBookingContext) -> None:
    price: float = input["price"]
    parent = input["parent"]
    if parent is not None:
        price += parent["price"]
    await ctx.emit({"topic": "anything", "data": price})
    await ctx.emit({"topic": "seat.audit", "data": {"at": "now"}, "messageGroupId": "a"})
    parent["price"]  # type: ignore[index]
    await ctx.emit({"topic": 1})  # type: ignore[misc, arg-type]
