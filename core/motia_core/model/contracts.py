"""What the steps of a project promise each other about events, compared when the project is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from motia_core.model.compat import Disagreement, conflicts, refusals
from motia_core.model.project import Problem
from motia_core.model.step import Step
from motia_core.model.topics import Topic, emits_of, is_schema, topics_of

SHOWN = 3  # disagreements in one problem


def broken_contracts(steps: Sequence[Step]) -> list[Problem]:
    """Where an emit and a subscriber, or two subscribers, disagree about a topic: warnings that name both files."""
    topics = topics_of(steps)
    found = [problem for step in steps for problem in _emitted(step, topics)]
    found += (problem for topic in topics.values() for problem in _subscribed(topic))
    return found


def _emitted(step: Step, topics: Mapping[str, Topic]) -> Iterator[Problem]:
    """What a step says that it emits, against the input of every subscriber."""
    for topic, target in emits_of(step).items():
        if not is_schema(target.schema):
            continue
        for subscriber in topics[topic].subscribers:
            wanted = subscriber.config.get("input")
            if is_schema(wanted) and (found := refusals(target.schema, wanted)):
                yield _problem(
                    step,
                    f"event '{topic}' as this step emits it is not what {_who(subscriber)} takes: {_list(found)}",
                    f"change the schema of '{topic}' in config.emits, or config.input of {subscriber.path}",
                )


def _subscribed(topic: Topic) -> Iterator[Problem]:
    """The inputs of all subscribers of a topic, two by two."""
    with_input = [step for step in topic.subscribers if is_schema(step.config.get("input"))]
    for first, second in combinations(with_input, 2):
        if found := conflicts(second.config.get("input"), first.config.get("input")):
            yield _problem(
                second,
                f"no event '{topic.name}' can suit both this step and {_who(first)}: {_list(found)}",
                f"change config.input here or in {first.path}, or subscribe to another topic",
            )


def _problem(step: Step, cause: str, remedy: str) -> Problem:
    return Problem("warning", step.path, "rules", cause, step.line, step.name, remedy)


def _who(step: Step) -> str:
    return f"'{step.name}' ({step.path})"


def _list(found: Sequence[Disagreement]) -> str:
    shown = "; ".join(map(str, found[:SHOWN]))
    more = len(found) - SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown
