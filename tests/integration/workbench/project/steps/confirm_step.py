config = {
    "type": "event",
    "name": "Confirm",
    "description": "Tells the guest",
    "subscribes": ["booking.made"],
    "emits": ["booking.confirmed"],
    "virtualEmits": ["letter.sent"],
    "flows": ["bookings"],
    "input": {"type": "object", "properties": {"id": {"type": "string"}, "guest": {"type": "string"}}},
    "queue": {"maxRetries": 1, "backoff": {"type": "fixed", "delay": 0.05}},
}


async def handler(booking, ctx):
    if booking.get("guest") == "Nobody":
        raise ValueError("there is no guest")
    await ctx.streams.rooms.set("all", booking["id"], {"guest": booking["guest"]})
    await ctx.emit({"topic": "booking.confirmed", "data": booking})
