from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motia_types import GatesContext, GatesRequest, GatesResponse

NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "v": {"type": "number"}}}

config: dict[str, Any] = {
    "type": "api",
    "name": "Gates",
    "method": "PUT",
    "path": "/shows/:show/gates/:gate?",
    "bodySchema": {
        "type": "object",
        "properties": {
            "open": {"type": "boolean"},
            "from": {"type": "string"},
            "seats": {"type": "integer", "default": 1},
            "tags": {"type": "array", "items": {"enum": ["vip", "press"]}},
            "tree": {"$ref": "#/$defs/Node"},
        },
        "required": ["open"],
        "$defs": {
            "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "v": {"type": "number"}}}
        },
    },
    "responseSchema": {
        200: {"type": "object", "properties": {"gate": {"type": "string"}}, "required": ["gate"]},
        404: {"type": "object", "properties": {"why": {"const": "no such gate"}}, "required": ["why"]},
    },
    "emits": ["seat.audit", "seat.booked", "seat.unheard"],
}


async def handler(req: GatesRequest, ctx: GatesContext) -> GatesResponse:
    body = req["body"]
    seats: int = body["seats"]
    opened: bool = req.body["open"]
    tags = body.get("tags", [])
    tree = body.get("tree")
    deep = tree.get("next", {}).get("v") if tree else None
    show: str = req["pathParams"]["show"]
    gate = req.pathParams.get("gate")
    ctx.logger.info("gate", {"deep": deep, "from": body.get("from"), "trace": ctx.trace_id})
    if gate is None or "vip" in tags:
        return {"status": 404, "body": {"why": "no such gate"}}
    item = await ctx.streams["seat-map"].get(show, gate)
    if item and not item["taken"]:
        await ctx.streams.seats.set(show, gate, {"row": gate})
        await ctx.emit({"topic": "seat.audit", "data": {"at": show}, "messageGroupId": show, "delay": "5m"})
        await ctx.emit({"topic": "seat.booked", "data": {"ticket": show, "price": seats * 2.5}})
        await ctx.emit({"topic": "seat.unheard", "data": {"anything": opened}})
        await ctx.emit({"topic": "seat.unheard"})
    return {"status": 200, "body": {"gate": gate}, "headers": {"x-gate": gate}}


async def wrong(req: GatesRequest, ctx: GatesContext) -> GatesResponse:
    """Each line has the one error that is named behind it: an ignore that is not needed is an error as well."""
    req["body"]["opne"]  # type: ignore[typeddict-item]
    req["form"]  # type: ignore[call-overload]
    req["pathParams"]["row"]  # type: ignore[typeddict-item]
    number: int = req["body"]["open"] + "x"  # type: ignore[operator]
    await ctx.streams["other"].get("a", "b")  # type: ignore[call-overload]
    await ctx.streams.seats.set("a", "b", {"row": number})  # type: ignore[typeddict-item]
    await ctx.emit({"topic": "seat.freed", "data": {}})  # type: ignore[misc, arg-type]
    await ctx.emit({"topic": "seat.audit", "data": {"at": 1}, "messageGroupId": "g"})  # type: ignore[misc, arg-type]
    await ctx.emit({"topic": "seat.audit", "data": {"at": "now"}})  # type: ignore[misc, arg-type]
    await ctx.emit({"topic": "seat.booked", "data": {"ticket": "t"}})  # type: ignore[misc, arg-type]
    if number > 3:
        return {"status": 500, "body": {"gate": "g"}}  # type: ignore[misc, return-value]
    return {"status": 200, "body": {"gat": "g"}}  # type: ignore[misc, return-value]
