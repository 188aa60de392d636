"""How commands fail: one readable message, what to do, and an exit code that says whose turn it is."""

from __future__ import annotations

import errno
import sys
from typing import IO, Any

import click

from motia_core.cli.layout import Layout
from motia_core.errors import MotiaError, ProjectError
from motia_core.model.wording import did_you_mean

OURS = (click.ClickException, click.exceptions.Exit, click.Abort)


class CommandError(click.ClickException):
    """Ends a command that could not do what it was asked for."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def show(self, file: IO[Any] | None = None) -> None:
        layout = Layout.of(sys.stderr)
        lines = layout.paragraph(self.message, "", "  ")
        lines[0] = f"{layout.red('error:')} {lines[0]}"
        if self.remedy:
            lines += (layout.cyan(line) for line in layout.paragraph(f"→ {self.remedy}", "  ", "    "))
        click.echo("\n".join(lines), file=sys.stderr, color=layout.has_colour)


class WrongUseError(CommandError):
    """Arguments or settings are wrong. The same code as click's own for wrong arguments."""

    exit_code = 2


class NoCoreError(CommandError):
    """No core answers."""

    exit_code = 3


class CannotStartError(CommandError):
    """The address is in use, the data directory cannot be used, and the like."""

    exit_code = 4


class Commands(click.Group):
    """A group whose commands end without a traceback, but with `--debug`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:  # click's own words differ between its versions
            remedy = did_you_mean(args[0], self.commands) or "--help lists them"
            raise click.UsageError(f"there is no command {args[0]!r}; {remedy}", ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            of = error.ctx or ctx
            known = [name for one in of.command.params if isinstance(one, click.Option) for name in one.opts]
            remedy = did_you_mean(error.option_name, known) or "--help lists them"
            raise click.UsageError(f"there is no option {error.option_name}; {remedy}", of) from error
        except Exception as error:  # boundary: what is not one of ours below is a fault of motia-core
            if ctx.params.get("debug") or isinstance(error, OURS) or _is_pipe(error):
                raise
            raise _readable(error) from error


def _readable(error: Exception) -> CommandError:
    if isinstance(error, ProjectError):
        return WrongUseError(error.message)
    if isinstance(error, MotiaError) and error.http_status == 503:
        return CannotStartError(error.message)
    remedy = "this should not happen: run it again as `motia-core --debug …` and report what it prints"
    return CommandError(f"unexpected {type(error).__name__}: {error}", remedy)


def _is_pipe(error: Exception) -> bool:
    """The reader of our output left; click ends quietly then."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE
