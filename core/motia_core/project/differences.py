"""What a project uses that is different here from Motia 0.x, or not there: found by its text, explained in
docs/compatibility.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from motia_core.project.sources import Source

_STEP = re.compile(r"[._](step|stream)\.(ts|js|py)$")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is used."""

    what: str
    remedy: str
    is_supported: bool
    places: tuple[str, ...]  # file:line


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: re.Pattern[str]
    what: str
    remedy: str
    is_supported: bool = True
    only_steps: bool = False


PATTERNS = (
    _Pattern(
        re.compile(r"\bmessageGroupId\b"),
        "events of one messageGroupId run in their order, one after the other; 0.x dropped all but the first",
        "nothing, unless the project relied on the loss",
    ),
    _Pattern(
        re.compile(r"^(?:const|let|var|export const)\s+\w+(?::[^=\n]+)?\s*=\s*(?:new (?:Map|Set)\b|\[\]|\{\})", re.M),
        "what a step keeps in a variable of its module is there at the next call too; 0.x started a process for each",
        "keep what must last in ctx.state: module memory is lost with its process",
        only_steps=True,
    ),
    _Pattern(
        re.compile(r"\brawBody\b"),
        "req.rawBody has the bytes of binary bodies; 0.x gave an empty string",
        "nothing",
    ),
    _Pattern(
        re.compile(r"\bfactory\s*:|storageType['\"]?\s*:\s*['\"]custom['\"]"),
        "a stream with storageType 'custom' and a factory: 0.x lost the factory on the way",
        "use storageType 'default'",
        is_supported=False,
    ),
    _Pattern(
        re.compile(r"\bpackageName\s*:"),
        "a plugin with a tab of the Workbench of 0.x: it is a page of the workbench, without its icon, and of "
        "@motiadev/ui it has Button and Input",
        "open the workbench: a tab that cannot be shown says why",
    ),
    _Pattern(
        re.compile(r"['\"]@motiadev/test['\"]"),
        "the test helpers @motiadev/test",
        "see the test kit in the documentation",
    ),
    _Pattern(
        re.compile(r"\bMOTIA_REDIS_\w+|['\"]@motiadev/adapter-[\w-]+['\"]"),
        "adapters of Motia: nothing is kept in Redis or RabbitMQ, whatever they say",
        "nothing; cores that share a database set store.url",
    ),
    _Pattern(
        re.compile(r"\b(?:initIII|init_iii)\s*\("),
        "initIII of Motia 1.0: it does nothing, since the core is connected before a file is loaded",
        "nothing; where traces are sent is otlp.endpoint",
    ),
    _Pattern(
        re.compile(r"\b(?:getInstance|get_instance|setupStepEndpoint|setup_step_endpoint)\s*\("),
        "the engine of Motia 1.0: there is none, and getInstance fails when it is called",
        "enqueue, stateManager and Stream of motia, or a step",
        is_supported=False,
    ),
    _Pattern(
        re.compile(r"^export const otel\b", re.M),
        "export const otel of Motia 1.0: it is not read",
        "set otlp.endpoint",
        is_supported=False,
    ),
)


def differences(sources: Iterable[Source]) -> list[Difference]:
    """What is used, with the places."""
    places: dict[int, list[str]] = {}
    for source in sources:
        is_step = _STEP.search(source.path) is not None
        for number, pattern in enumerate(PATTERNS):
            if pattern.only_steps and not is_step:
                continue
            places.setdefault(number, []).extend(
                f"{source.path}:{source.line(match.start())}" for match in pattern.text.finditer(source.text)
            )
    return [
        Difference(pattern.what, pattern.remedy, pattern.is_supported, tuple(places[number]))
        for number, pattern in enumerate(PATTERNS)
        if places.get(number)
    ]
