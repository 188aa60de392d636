"""Runs wire cases: each with a sidecar process and a core of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motia_core.conformance.wire.case import WireCase
from motia_core.conformance.wire.frames import CAPABILITIES, Limits
from motia_core.conformance.wire.judging.judge import Judge
from motia_core.conformance.wire.judging.seen import Broken
from motia_core.conformance.wire.play import WAIT_S, DoesNotApplyError, Play, RuleBrokenError
from motia_core.conformance.wire.scripted import ScriptedCore
from motia_core.conformance.wire.served import Witness
from motia_core.conformance.wire.subject import Subject

LIMITS: Mapping[str, Any] = {
    "heartbeat_interval_ms": 1000,
    "api_slots": 8,
    "background_slots": 8,
    "max_payload_bytes": 16 * 1024 * 1024,
    "max_message_bytes": 64 * 1024 * 1024,
    "chunk_window_bytes": 256 * 1024,
    "capabilities": CAPABILITIES,
}
PASSING_S = 0.2  # in which a process that is about to end has ended
END_S = 5.0  # what a process that should end gets for it


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    case: WireCase
    broken: tuple[Broken, ...] = ()
    does_not_apply: str = ""  # why it was not played
    output: str = ""  # what the sidecar wrote, when something was broken

    @property
    def rules(self) -> set[str]:
        """The rules that were broken."""
        return {each.rule for each in self.broken}


async def run_case(
    case: WireCase, subject: Subject, wait_s: float = WAIT_S, witnesses: Sequence[Witness] = ()
) -> Outcome:
    """Play a case against a sidecar.

    Args:
        wait_s: How long what is promised may take on this machine.
        witnesses: Who looks on, beside the judge.
    """
    if missing := [name for name in case.needs if name not in subject.files]:
        return Outcome(case, does_not_apply=f"the SDK has no wire step {missing[0]}")
    judge = Judge(subject.command.language)
    options = {**case.options, "limits": Limits(**{**LIMITS, **case.options.get("limits", {})})}
    async with ScriptedCore(subject.root, subject.command, witnesses=[judge, *witnesses], **options) as core:
        play = Play(core, judge, subject, wait_s, case.for_capability)
        try:
            await case.script(play)
            if not play.has_ended:
                await play.drains()
        except RuleBrokenError as error:
            judge.verdict.add(error.rule, error.what)
        except DoesNotApplyError as error:
            return Outcome(case, does_not_apply=str(error))
        except Exception as error:  # what the sidecar says is nothing that the case can read
            judge.verdict.add(case.rules[0], f"the case could not go on: {error!r}")
        should_end = play.has_ended or judge.seen.core_error is not None
        code = await _end(core, min(END_S, 2 * wait_s) if should_end else PASSING_S)
        output = await core.output() if core.process is not None else ""
        stderr = core.process.stderr.decode(errors="replace") if core.process is not None else ""
        judge.ended(code, stderr)
    return Outcome(case, tuple(judge.broken), output=output if judge.broken else "")


async def _end(core: ScriptedCore, patience_s: float) -> int | None:
    """The exit code of a process that ends by itself."""
    if core.process is None:
        return None
    try:
        async with asyncio.timeout(patience_s):
            return await core.exit_code()
    except TimeoutError:
        return None


async def run_cases(
    cases: Iterable[WireCase], subject: Subject, at_a_time: int = 2, wait_s: float = WAIT_S
) -> list[Outcome]:
    """Play cases, some at a time."""
    free = asyncio.Semaphore(at_a_time)

    async def one(case: WireCase) -> Outcome:
        async with free:
            return await run_case(case, subject, wait_s)

    return list(await asyncio.gather(*map(one, cases)))
