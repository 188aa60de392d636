import asyncio

config = {
    "type": "event",
    "name": "wait python",
    "subscribes": ["wait.python"],
    "emits": [],
    "waitsFor": ["wait.answer.python"],
}


async def handler(input, context):
    n, answers = input["n"], []
    await context.state.set("journal-wait-began-python", str(n), {"n": n})
    if "late" in input:
        await asyncio.sleep(0.3)
    match = {"n": n, "order": {"ok": True}}
    timeout = f"{input['timeout']}ms" if "timeout" in input else None
    for _ in range(input["waits"]):
        answer = await context.wait_for("wait.answer.python", match, timeout=timeout)
        answers.append(answer["by"] if answer else "nobody")
    entry = {"n": n, "answers": answers, "attempt": context.attempt}
    await context.state.set("journal-wait-python", str(n), entry)
