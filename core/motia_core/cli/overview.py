"""What a project is made of and what is wrong with it, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from motia_core.cli.layout import INDENT, Layout, clean
from motia_core.model.project import Problem, Project
from motia_core.model.step import Step, StepType
from motia_core.model.versions import Update

LANGUAGES = {"typescript": "TypeScript", "javascript": "JavaScript", "python": "Python", "go": "Go", "ruby": "Ruby"}
MOST_LINES = 40  # of routes, topics and schedules at the start; `routes` shows all
MOST_FILES = 8  # with the same problem


def overview(project: Project, layout: Layout) -> list[str]:
    """What `serve` shows once the project is loaded."""
    sections = [
        counts(project, layout),
        _limited("routes", routes(project, layout), layout),
        _limited("events", topics(project, layout), layout),
        _limited("schedules", schedules(project, layout), layout),
        _titled("streams", layout.paragraph(", ".join(stream.name for stream in project.streams), INDENT), layout)
        if project.streams
        else [],
        _titled("problems", problems(project.problems, layout), layout) if project.problems else [],
        [loaded(project, layout)],
    ]
    return [line for section in sections if section for line in (*section, "")][:-1]


def _titled(title: str, lines: list[str], layout: Layout) -> list[str]:
    return [layout.bold(title), *lines]


def _limited(title: str, lines: list[str], layout: Layout) -> list[str]:
    if not lines:
        return []
    rest = len(lines) - MOST_LINES
    more = [layout.dim(f"{INDENT}… and {rest} more")] if rest > 0 else []
    return _titled(title, lines[:MOST_LINES] + more, layout)


def counts(project: Project, layout: Layout) -> list[str]:
    """Steps by type and language."""
    rows = []
    for kind in StepType:
        languages = Counter(LANGUAGES.get(step.language, step.language) for step in _of(project, kind))
        if languages:
            by_language = ", ".join(f"{number} {name}" for name, number in languages.most_common())
            rows.append((kind.value, str(languages.total()), by_language))
    return _titled("steps", layout.columns(rows, ends_with_path=False), layout) if rows else []


def routes(project: Project, layout: Layout) -> list[str]:
    """Api steps, by path."""
    steps = sorted(_of(project, StepType.API), key=lambda step: (step.route, step.method))
    return layout.columns([(step.method, step.route, step.name, step.place) for step in steps])


def topics(project: Project, layout: Layout) -> list[str]:
    """Topics and who gets them or waits for them; those that are emitted and that nobody gets come last."""
    receivers: dict[str, list[str]] = {}
    for step in _of(project, StepType.EVENT):
        for topic in dict.fromkeys(step.subscribes):
            receivers.setdefault(topic, []).append(step.name)
        if step.watches is not None:
            receivers.setdefault(f"({step.watches.what})", []).append(step.name)
    for step in project.steps:
        for topic in dict.fromkeys(step.waits_for):
            receivers.setdefault(topic, []).append(f"{step.name} (waits)")
    unheard = sorted({target.topic for step in project.steps for target in step.emits} - receivers.keys())
    rows = [(topic, f"→ {', '.join(receivers[topic])}") for topic in sorted(receivers)]
    return layout.columns([*rows, *((topic, "→ nobody") for topic in unheard)], ends_with_path=False)


def schedules(project: Project, layout: Layout) -> list[str]:
    """Cron steps."""
    steps = _of(project, StepType.CRON)
    return layout.columns(
        [(step.cron, f"{step.name} ({step.timezone})" if step.timezone else step.name, step.place) for step in steps]
    )


def _of(project: Project, kind: StepType) -> list[Step]:
    return [step for step in project.steps if step.type is kind]


def loaded(project: Project, layout: Layout) -> str:
    """`loaded 13 of 14 steps (1 failed)`."""
    failed = project.failed_steps
    total = len(project.steps) + failed
    if failed:
        return layout.yellow(f"loaded {len(project.steps)} of {total} steps ({failed} failed)")
    return layout.green(f"loaded {_plural(total, 'step')}")


def update_lines(update: Update, layout: Layout) -> list[str]:
    """What `dev` shows of a change."""
    first, *others = [clean(file) for file in update.files] or ["the project"]
    what = f"{first} and {others[0]}" if len(others) == 1 else f"{first} and {len(others)} more" if others else first
    tail = [*(f"+ {name}" for name in update.added), *(f"- {name}" for name in update.removed)]
    at = layout.dim(f"in {update.seconds * 1000:.0f} ms")
    if update.kept:
        groups = " and ".join(update.kept)
        lines = [f"{layout.red('not reloaded')} {what} {at}: the {groups} steps go on as they were"]
    else:
        lines = [f"{layout.green('reloaded')} {what} {at}" + layout.dim("".join(f"  {clean(name)}" for name in tail))]
    if update.problems:
        return [*lines, *problems(update.problems, layout)]
    if update.solved:
        left = f", {len(update.project.problems)} left" if update.project.problems else ""
        lines.append(layout.green(f"{INDENT}{_plural(update.solved, 'problem')} solved{left}"))
    return lines


# --- problems


def problems(found: Iterable[Problem], layout: Layout, *, with_stacks: bool = False) -> list[str]:
    """Problems with their remedies; those that have the same cause together."""
    groups: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in found:
        key = (problem.severity, problem.missing_module or problem.cause, problem.remedy)
        groups.setdefault(key, []).append(problem)
    return [line for group in groups.values() for line in _group(group, layout, with_stacks=with_stacks)]


def _group(group: Sequence[Problem], layout: Layout, *, with_stacks: bool) -> list[str]:
    first = group[0]
    mark = layout.red("✗") if first.severity == "error" else layout.yellow("!")
    inner = INDENT * 2
    if len(group) == 1:
        head = _place(first)
        body = layout.paragraph(first.cause, inner)
    else:
        head = f"{first.cause.splitlines()[0]} ({_plural(len(group), 'file')})"
        body = [f"{inner}{_place(problem)}" for problem in group[:MOST_FILES]]
        if len(group) > MOST_FILES:
            body.append(layout.dim(f"{inner}… and {len(group) - MOST_FILES} more"))
    top, *rest = layout.paragraph(head, inner)
    lines = [f"{INDENT}{mark} {layout.bold(top.strip())}", *(layout.bold(line) for line in rest), *body]
    if first.remedy:
        lines += (layout.cyan(line) for line in layout.paragraph(f"→ {first.remedy}", inner, f"{inner}  "))
    if with_stacks:
        for stack, _ in groupby(problem.stack for problem in group if problem.stack):
            lines += (layout.dim(f"{inner}  {line}") for line in clean(stack).splitlines())
    return lines


def _place(problem: Problem) -> str:
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return clean(f"{where}  {problem.step}" if problem.step else where)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
