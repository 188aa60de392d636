"""Waits days for a person, and pays once, whatever is restarted meanwhile."""

from hashlib import sha256

config = {
    "type": "event",
    "name": "ApproveExpense",
    "description": "Waits for a decision, and pays",
    "subscribes": ["expense.submitted"],
    "waitsFor": ["expense.decided"],
    "emits": ["expense.paid"],
    "flows": ["expenses"],
}


async def handler(expense, ctx):
    decision = await ctx.wait_for("expense.decided", {"id": expense["id"]}, timeout="3d")
    if decision is None:
        return await settle(ctx, expense, "expired: nobody decided for three days")
    if not decision["approved"]:
        return await settle(ctx, expense, f"refused by {decision['by']}")

    # The bank is asked once: a later attempt finds the receipt.
    receipt = await ctx.run("pay", lambda: pay(expense))
    await settle(ctx, expense, f"approved by {decision['by']}, paid as {receipt}")
    await ctx.emit({"topic": "expense.paid", "data": expense})


async def settle(ctx, expense, status):
    await ctx.state.update("expenses", expense["id"], [{"type": "set", "path": "/status", "value": status}])
    ctx.logger.info(f"Expense {expense['id']}: {status}")


def pay(expense):
    """Stands for a call of the bank."""
    return sha256(expense["id"].encode()).hexdigest()[:8]
