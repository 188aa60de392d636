"""Runs the program of a seed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from tests.fakes.memory import Memory
from tests.simulation.cluster import Members
from tests.simulation.loop import SimulatedLoop
from tests.simulation.model import Broken, Model
from tests.simulation.program import Program, make
from tests.simulation.world import Life

TAIL = int(os.environ.get("MOTIA_SIMULATION_TAIL", "25"))  # things that happened last
ROUNDS = 300  # of ten minutes each, until everything has come to rest
MOST_TURNS = 400  # of the loop in an hour in which nothing happens


class SeedFailed(AssertionError):
    """A seed whose program broke a promise; says how to see it again."""

    def __init__(self, seed: int, error: BaseException, model: Model) -> None:
        tail = "\n  ".join(model.events[-TAIL:])
        super().__init__(
            f"seed {seed}: {type(error).__name__}: {error}\nto see it again: python -m tests.simulation {seed}\n"
            f"what happened last:\n  {tail}"
        )


def simulate(seed: int) -> Model:
    """Run the program of a seed.

    Raises:
        SeedFailed: A promise was broken.
    """
    program = make(seed)
    model = Model(Memory(), program.steps)
    with _loop() as loop:
        try:
            loop.run_until_complete(_run(program, model))
            error: Exception | None = Broken(model.broken[0]) if model.broken else None
        except Exception as failure:  # whatever it is, the seed has to be told
            error = Broken(model.broken[0]) if model.broken else failure
        if error is not None:
            raise SeedFailed(seed, error, model) from error
    return model


@contextmanager
def _loop() -> Iterator[SimulatedLoop]:
    loop = SimulatedLoop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        loop.close()


async def _run(program: Program, model: Model) -> None:
    random = Random(program.seed)
    memory, members = model.memory, Members(random)
    errors: list[str] = []

    async def begin() -> Life:
        life = Life(random, memory, members, program.steps, model)
        life.faults = 0.0
        await life.start()
        life.faults = program.faults
        return life

    lives = [await begin() for _ in range(program.cores)]
    busy: set[asyncio.Task[None]] = set()

    def later(work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        busy.add(task)
        task.add_done_callback(busy.discard)

    for pause_s, what, details in program.actions:
        await asyncio.sleep(pause_s)
        number = details["core"]
        life = lives[number]
        if what == "emit":
            later(life.emit(details["topic"], details["data"], details["options"]))
        elif what == "burst":
            for emit in details["emits"]:
                later(life.emit(emit["topic"], emit["data"], emit["options"]))
        elif what == "redrive":
            later(life.redrive())
        elif what == "lose":
            life.faults = 0.6
            asyncio.get_running_loop().call_later(1, setattr, life, "faults", program.faults)
        else:
            errors += life.world.log.messages("error") if what == "stop" else []
            for task in busy:  # whoever emits through this core gets no answer
                task.cancel()
            await life.stop(killed=what == "kill")
            lives[number] = await begin()
    if busy:
        await asyncio.wait(busy)
    await asyncio.sleep(2)
    for life in lives:
        life.faults = 0.0
    await _come_to_rest(lives, model)
    model.check_all()
    for life in lives:
        _check_memory(life)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    turns = loop.turns
    await asyncio.sleep(3600)
    model.check(loop.turns - turns < MOST_TURNS, f"{loop.turns - turns} turns of the loop although nothing happens")
    for life in lives:
        await life.stop(killed=False)


async def _come_to_rest(lives: list[Life], model: Model) -> None:
    """Let the time go on until everything is done; who waits without an end gets what it waits for."""
    memory = model.memory
    for _ in range(ROUNDS):
        if not memory.deliveries:
            break
        for wait in list(memory.waits.values()):
            data = json.loads(wait.match)
            await lives[0].world.deliveries.publish("signal", json.dumps(data).encode(), _trace(lives[0]))
        await asyncio.sleep(600)
    await asyncio.sleep(60)
    if memory.deliveries:
        waits = [f"{one.id} of {one.step_id}, attempt {one.attempt}" for one in memory.deliveries.values()]
        running = [f"{invocation.delivery_id}" for _, invocation, _ in model.running.values()]
        raise Broken(f"stuck: {waits} are left, of which {running} run; waits: {memory.waits}")


def _trace(life: Life) -> Any:
    return life.world.deliveries._with.traces.start(life.clock.now_ms())


def _check_memory(life: Life) -> None:
    """Nothing is kept of what is over."""
    model, deliveries = life.model, life.world.deliveries
    for name, dispatcher in deliveries._dispatchers.items():
        kept = (
            len(dispatcher._held),
            len(dispatcher._progress),
            len(dispatcher._losses),
            len(dispatcher._lanes._lanes),
            dispatcher.running,
            len(dispatcher.tasks),
        )
        model.check(not any(kept), f"core {life.cluster.shard} keeps {kept} of {name}")
    if not life.cluster.peers():  # waits of other cores are known until cores change
        model.check(not deliveries._with.waits._waits, "waits are kept")
    model.check(not deliveries._with.staging._turns._waiting, "turns are kept")
    faults = [message for message in life.world.log.messages("error") if "fault of motia-core" in message]
    model.check(not faults, f"{faults}")
