"""`motia-core sidecar`: a sidecar that attaches to a core elsewhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from motia_core.cli.failing import WrongUseError
from motia_core.cli.options import settings_of
from motia_core.errors import SidecarStartError
from motia_core.model.language import Language, Languages
from motia_core.settings import Settings


@click.command()
@click.argument("group", metavar="LANGUAGE")
@click.argument("project", type=click.Path(path_type=Path), default=".", metavar="[PROJECT]")
@click.option("--core", metavar="HOST:PORT", help="Where the core listens.  [default: MOTIA_SIDECAR_ADDRESS]")
@click.option("--token-file", type=click.Path(path_type=Path), help="[default: MOTIA_SIDECAR_TOKEN]")
@click.option("--ca", type=click.Path(path_type=Path), help="Who has signed the core's certificate.")
@click.option("--cert", type=click.Path(path_type=Path), help="Certificate to show to the core.")
@click.option("--key", type=click.Path(path_type=Path), help="Its key.")
@click.option("--server-name", help="In the core's certificate, when that is not for the host of --core.")
@click.option("--name", help="What people call this sidecar.  [default: the name of the host]")
@click.option(
    "--files", is_flag=True, help="Print the files of the language instead, in the order in which they are loaded."
)
def sidecar(
    group: str,
    project: Path,
    core: str | None,
    token_file: Path | None,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    server_name: str | None,
    name: str | None,
    files: bool,
) -> None:
    """Run the steps of one language for a core elsewhere.

    LANGUAGE is node, python, go, or another language group. PROJECT has the same files as that of the core, which runs
    with --sidecars external.
    """
    from motia_core.project.discover import discover
    from motia_core.project.sdk_file import read_languages

    settings = settings_of(project, {"sidecars.external": []})  # what there is for the core only is not needed here
    languages = read_languages(settings)
    language = _language(languages, group)
    if files:
        for file in discover(settings.project, languages).of_group(group):
            click.echo(file.path)
        return
    given = {
        "ADDRESS": core,
        "TOKEN": token_file and _content(token_file),
        "CA": ca and str(ca.absolute()),
        "CERT": cert and str(cert.absolute()),
        "KEY": key and str(key.absolute()),
        "SERVER_NAME": server_name,
        "NAME": name,
    }
    variables = {f"MOTIA_SIDECAR_{what}": value for what, value in given.items() if value}
    for option, variable in (("--core", "MOTIA_SIDECAR_ADDRESS"), ("--token-file", "MOTIA_SIDECAR_TOKEN")):
        if not (variables.get(variable) or os.environ.get(variable)):
            raise WrongUseError(f"{variable} is not set", f"give {option}, or set the variable")
    argv, environment = _command(settings, languages, language)
    own = {"MOTIA_SIDECAR_EXTERNAL": "1", "MOTIA_SIDECAR_LANGUAGE": group}
    os.chdir(settings.project)
    try:
        os.execvpe(argv[0], argv, {**environment, **variables, **own})
    except OSError as error:
        raise SidecarStartError(f"{argv[0]} cannot be started: {error.strerror}") from error


def _content(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"{file} cannot be read: {error}", "--token-file names a file with the token") from error


def _language(languages: Languages, group: str) -> Language:
    if group not in languages:
        known = ", ".join(language.group for language in languages)
        raise WrongUseError(f"there is no language group {group!r}", f"there are {known}")
    return languages[group]


def _command(settings: Settings, languages: Languages, language: Language) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """What the core would launch, and its environment; built, where that is to be done before."""
    import asyncio

    from motia_core.project.discover import discover
    from motia_core.project.env import sidecar_environment
    from motia_core.sidecars.building import build
    from motia_core.sidecars.languages import command

    environment = sidecar_environment(settings.project)
    files = discover(settings.project, languages).of_group(language.group) if language.is_built else []
    folder = Path(tempfile.mkdtemp(prefix="motia-sidecar-"))  # the process that takes the place of this one needs it
    try:
        output = asyncio.run(build(language, settings, files, environment, folder))
        start = command(language, settings, folder, output or folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return start.argv, {**environment, **start.env}
