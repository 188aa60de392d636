"""What `motia-core conformance` shows: results as they come, failures with the rules they break, a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from itertools import count

import click

from motia_core.cli.layout import INDENT, Layout, clean, duration
from motia_core.conformance.report import Outcome, Report, Result
from motia_core.conformance.rules import rules
from motia_core.conformance.table import table


class Output:
    """For people: a line for each case, a block for each failure, the table at the end."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._numbers = count(1)

    @classmethod
    def of(cls, *, table: bool, as_json: bool) -> Output:
        """The one that was asked for."""
        layout = Layout.of(sys.stdout)
        return JsonOutput(layout) if as_json else TableOutput(layout) if table else cls(layout)

    def told(self, result: Result) -> None:
        """A result has come."""
        for line in self._lines(result):
            click.echo(line, color=self._layout.has_colour)

    def ended(self, report: Report) -> None:
        """All have come."""
        layout = self._layout
        click.echo("\n" + table(report) + "\n")
        passed = sum(result.outcome is Outcome.PASSED for result in report.results)
        words = [f"{passed} passed"]
        for outcome, word in (
            (Outcome.GAP, "known gaps"),
            (Outcome.CLOSED, "gaps that are none"),
            (Outcome.FAILED, "failed"),
        ):
            if number := sum(result.outcome is outcome for result in report.results):
                words.append(f"{number} {word}")
        colour = layout.green if report.is_green else layout.red
        click.echo(colour(f"{report.sdk}: {', '.join(words)}"), color=layout.has_colour)

    def _lines(self, result: Result) -> Iterable[str]:
        layout = self._layout
        took = layout.dim(f"  {duration(result.seconds * 1000)}")
        if result.outcome is Outcome.PASSED:
            yield f"{layout.green('✓')} {result.name}{took}"
            return
        if result.outcome is Outcome.GAP:
            yield f"{layout.yellow('–')} {result.name}{took}  {layout.yellow('gap')}: {clean(result.reason)}"
            return
        yield f"{layout.red('✗')} {layout.bold(result.name)}{took}"
        if result.outcome is Outcome.CLOSED:
            yield f"{INDENT * 2}It passes, but is a listed gap ({clean(result.reason)}): take it off the list."
            return
        yield from self._explained(result)

    def _explained(self, result: Result) -> Iterable[str]:
        layout = self._layout
        indent = INDENT * 2
        yield from layout.paragraph(result.about, indent)
        texts = rules()
        for rule in result.rules:
            name = layout.cyan(rule)
            yield from (
                line.replace(rule, name, 1) for line in layout.paragraph(f"{rule} {texts.get(rule, '')}", indent)
            )
        for word, text in (("did", result.where), ("expected", result.expected), ("came", result.came)):
            if text:
                lines = layout.paragraph(text, f"{indent}{word:<9}", indent + " " * 9)
                yield from (
                    line.replace(word, layout.bold(word), 1) if at == 0 else line for at, line in enumerate(lines)
                )
        if result.said:
            yield f"{indent}{layout.dim('what was said last:')}"
            for said in result.said:
                yield from (layout.dim(line) for line in layout.paragraph(said, indent + INDENT, indent + INDENT * 2))
        yield ""


class TableOutput(Output):
    """For a README: the table only."""

    def told(self, result: Result) -> None:
        """See `Output.told`."""
        if result.outcome.is_red:
            for line in self._lines(result):
                click.echo(line, err=True)

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
