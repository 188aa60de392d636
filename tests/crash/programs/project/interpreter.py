"""Does what a program says. `model.py` has the instructions and what they must amount to."""

import asyncio
import random

from motia import TerminalError


async def interpret(program, ctx, *, atomic):
    for index, (operation, *arguments) in enumerate(program["do"]):
        name = f"{program['id']}.{index}"
        await OPERATIONS[operation](ctx, atomic, name, *arguments)


async def add(ctx, atomic, name, counter, by):
    """Once, by the step's transaction or by a key that can be written once."""
    if atomic:
        await ctx.state.update("atomic", counter, [{"type": "increment", "path": "", "by": by}])
    else:
        await ctx.state.compare_and_set(f"plain:{counter}", name, 0, by)


async def bump(ctx, atomic, name, counter):
    """At least once, against others who do the same."""
    while True:
        found = await ctx.state.get_versioned("bumped", counter)
        if (await ctx.state.compare_and_set("bumped", counter, found["version"], (found["value"] or 0) + 1))["ok"]:
            return


async def emit(ctx, atomic, name, program):
    event = {"topic": program["topic"], "data": program}
    await ctx.emit(event if atomic else {**event, "idempotencyKey": program["id"]})


async def run(ctx, atomic, name):
    """The result is the same for ever, whoever asks."""
    result = await ctx.run(name, lambda: random.randrange(2**32))
    written = await ctx.state.compare_and_set("results", name, 0, result)
    if not written["ok"] and await ctx.state.get("results", name) != result:
        await ctx.state.set("violations", name, "another result of a run that was remembered")


async def sleep(ctx, atomic, name, ms):
    await ctx.sleep(ms / 1000, key=name)


async def wait(ctx, atomic, name, tag):
    answer = await ctx.wait_for("signal", {"tag": tag}, key=name)
    if answer is None or answer["tag"] != tag:
        await ctx.state.set("violations", name, f"waited for {tag}, got {answer}")


async def wait_a_little(ctx, atomic, name, tag, ms):
    await ctx.wait_for("signal", {"tag": tag}, timeout=ms / 1000, key=name)


async def work(ctx, atomic, name, ms):
    await asyncio.sleep(ms / 1000)


async def fail(ctx, atomic, name, times):
    if ctx.attempt <= times:
        raise ValueError(f"attempt {ctx.attempt} of {times} that are to fail")


async def give_up(ctx, atomic, name):
    raise TerminalError("not again")


OPERATIONS = {
    "add": add,
    "bump": bump,
    "emit": emit,
    "run": run,
    "sleep": sleep,
    "wait": wait,
    "wait_a_little": wait_a_little,
    "work": work,
    "fail": fail,
    "give_up": give_up,
}
