"""What `motia-core conformance` shows: results as they come, failures with the rules they break, a table at the end."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import click

from motia_core.cli.layout import INDENT, Layout, clean, duration, shortened
from motia_core.conformance.report import Outcome, Report, Result
from motia_core.conformance.rules import rules
from motia_core.conformance.table import table

MARGIN = INDENT * 2
LABEL = 9  # columns of "expected "
SUMMARY = {  # for one, for several
    Outcome.PASSED: ("passed", "passed"),
    Outcome.GAP: ("known gap", "known gaps"),
    Outcome.DOES_NOT_APPLY: ("does not apply", "do not apply"),
    Outcome.CLOSED: ("listed gap that is none", "listed gaps that are none"),
    Outcome.FAILED: ("failed", "failed"),
}


class Output:
    """For people, on anything but a terminal: a line for each result, and more for what is red."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def told(self, result: Result) -> None:
        """A result has come."""
        self._echo(*self._lines(result))

    def ended(self, report: Report) -> None:
        """All have come."""
        counts = Counter(result.outcome for result in report.results)
        counted = [(counts[outcome], words) for outcome, words in SUMMARY.items() if counts[outcome]]
        words = ", ".join(f"{count} {one if count == 1 else several}" for count, (one, several) in counted)
        colour = self._layout.green if report.is_green else self._layout.red
        self._echo("", table(report), "", colour(f"{report.sdk}: {words}"))

    def _echo(self, *lines: str) -> None:
        for line in lines:
            click.echo(line, color=self._layout.has_colour)

    def _lines(self, result: Result) -> Iterator[str]:
        layout = self._layout
        took = layout.dim(f"  {duration(result.seconds * 1000)}")
        if result.outcome is Outcome.PASSED:
            yield f"{layout.green('✓')} {result.name}{took}"
        elif result.outcome is Outcome.GAP:
            yield f"{layout.yellow('–')} {result.name}  {layout.yellow('gap:')} {clean(result.reason)}"
        elif result.outcome is Outcome.DOES_NOT_APPLY:
            yield layout.dim(f"– {result.name}  does not apply: {clean(result.reason)}")
        else:
            yield f"{layout.red('✗')} {layout.bold(result.name)}{took}"
            yield from self._explained(result)
            yield ""

    def _explained(self, result: Result) -> Iterator[str]:
        layout = self._layout
        if result.outcome is Outcome.CLOSED:
            told = f"It passes, and is listed as a gap ({result.reason}): take it out of conformance.gaps in sdk.toml."
            yield from layout.paragraph(told, MARGIN)
            return
        yield from layout.paragraph(result.about, MARGIN)
        for rule in result.rules:
            first, *more = layout.paragraph(f"{rule} {rules().get(rule, '')}", MARGIN, MARGIN + INDENT)
            yield first.replace(rule, layout.cyan(rule), 1)
            yield from more
        for label, text in (("did", result.where), ("expected", result.expected), ("came", result.came)):
            first, *more = layout.paragraph(f"{label:<{LABEL}}{text}", MARGIN, MARGIN + " " * LABEL)
            yield first.replace(label, layout.bold(label), 1)
            yield from more
        if result.said:
            yield f"{MARGIN}{layout.dim('written last by the core and the sidecar:')}"
            for said in result.said:
                yield from map(layout.dim, layout.paragraph(said, MARGIN + INDENT, MARGIN + INDENT * 2))


class LiveOutput(Output):
    """For terminals: one line that changes while cases pass; what is not green stays."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._passed: Counter[tuple[str, str]] = Counter()  # by level and profile
        self._red: Counter[tuple[str, str]] = Counter()
        self._group = ("", "")
        click.echo("  starting the project", nl=False)

    def told(self, result: Result) -> None:
        """See `Output.told`."""
        group = (result.level, result.profile)
        if group != self._group:
            self._finish()
            self._group = group
        if result.outcome is Outcome.PASSED:
            self._passed[group] += 1
        else:
            self._red[group] += result.outcome.is_red
            self._clear()
            super().told(result)
        line = f"  {self._title()}: {self._passed[group]} passed, {result.case}"
        click.echo(f"\r\x1b[2K{shortened(line, self._layout.width - 1)}", nl=False, color=True)

    def ended(self, report: Report) -> None:
        """See `Output.ended`."""
        self._finish()
        super().ended(report)

    def _title(self) -> str:
        level, profile = self._group
        return f"{'wire' if level == 'wire' else f'level {level}'}{'' if profile == 'default' else f', {profile}'}"

    def _finish(self) -> None:
        """The line of a group stays, when all of its cases have run."""
        self._clear()
        if self._group[0]:
            passed, red = self._passed[self._group], self._red[self._group]
            mark = self._layout.red("✗") if red else self._layout.green("✓")
            self._echo(f"{mark} {self._title()}: {passed} passed{f', {red} not as they should be' if red else ''}")

    def _clear(self) -> None:
        click.echo("\r\x1b[2K", nl=False, color=True)


class TableOutput(Output):
    """For a README: the table only; what is red goes to standard error."""

    def told(self, result: Result) -> None:
        """See `Output.told`."""
        if result.outcome.is_red:
            for line in self._lines(result):
                click.echo(line, err=True, color=self._layout.has_colour)

    def ended(self, report: Report) -> None:
        """See `Output.ended`."""
        click.echo(table(report))


class JsonOutput(Output):
    """For programs: one JSON object."""

    def told(self, result: Result) -> None:
        """See `Output.told`."""

    def ended(self, report: Report) -> None:
        """See `Output.ended`."""
        results = [{**asdict(result), "outcome": result.outcome.value} for result in report.results]
        click.echo(json.dumps({"sdk": report.sdk, "green": report.is_green, "results": results}, ensure_ascii=False))


def output_for(*, table: bool, as_json: bool) -> Output:
    """The output that was asked for."""
    if as_json:
        return JsonOutput(Layout.of(sys.stdout))
    if table:
        return TableOutput(Layout.of(sys.stderr))
    layout = Layout.of(sys.stdout)
    return LiveOutput(layout) if sys.stdout.isatty() and layout.has_colour else Output(layout)
