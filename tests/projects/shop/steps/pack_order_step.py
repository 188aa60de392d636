import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from packing import box_for
from services.labels import label

print("packing is open")

config = {
    "type": "event",
    "name": "pack order",
    "subscribes": ["order:taken"],
    "emits": [],
    "input": None,
    "flows": ["shop"],
}


async def handler(args, ctx):
    order = await ctx.state.get("orders", args.orderId)
    order = order.get("data", order)
    missing = getattr(args, "missing", "nothing")
    packed = {"box": box_for(order["total"]), "label": label(args["orderId"]), "missing": missing, "note": args.note}
    ctx.logger.warning("packed", 3.5)
    await ctx.state.set("packed", args.orderId, packed)
    Path("packed.log").write_text(label(args.orderId))
