from pydantic import BaseModel


class Booking(BaseModel):
    ticket: str
    price: float
    parent: "Booking | None" = None


config = {
    "type": "event",
    "name": "NoteBooking",
    "subscribes": ["seat.booked"],
    "emits": [],
    "input": Booking,
}


async def handler(input, ctx):
    pass
