"""The part of docs/error-gallery.md about the command line: commands that cannot do what they are told, and what they
say.

Each is run in a project of its own. What is of this machine and this moment in the answers (ports, process ids,
folders) is replaced, so that the page is the same wherever it is made.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "motia-core")
STEP = "export const config = { type: 'noop', name: 'Outside', virtualEmits: [], virtualSubscribes: [] }\n"
LONGEST_S = 60
HEAD = """## Commands and settings

What the command line says of settings and arguments that are wrong, and of what is in its way. The exit codes are in
[cli.md](cli.md#exit-codes).
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One command that fails."""

    line: str
    toml: str = ""
    environment: Mapping[str, str] | None = None


CASES = (
    Case("motia-core check", toml="[http]\nprot = 8080\n"),
    Case("motia-core check", toml='[queue]\nmax_retries = "many"\n'),
    Case("motia-core check", toml='[validation]\nmode = "stric"\n'),
    Case("motia-core check", environment={"MOTIA_HTTP_PORT": "eighty"}),
    Case("motia-core serve --prot 8080"),
    Case("motia-core traces --since yesterday"),
    Case("motia-core serv"),
    Case("motia-core serve nowhere"),
)
PORT_IN_USE = Case("motia-core serve --port 3000")
DATA_IN_USE = Case("motia-core serve --port 3001")
NO_CORE = Case("motia-core traces --port 3000")


def section() -> str:
    """The part of the page."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "my-app"
        (project / "steps").mkdir(parents=True)
        (project / "steps" / "outside.step.js").write_text(STEP)
        parts = [_entry(case, _said(project, case)) for case in CASES]
        with _taken_port() as port:
            parts.append(_entry(PORT_IN_USE, _said(project, PORT_IN_USE, {"3000": str(port)})))
        with _serving(project):
            parts.append(_entry(DATA_IN_USE, _said(project, DATA_IN_USE, {"3001": "0"})))
        with _free_port() as port:
            parts.append(_entry(NO_CORE, _said(project, NO_CORE, {"3000": str(port)})))
    return "\n".join([HEAD, *parts])


def _environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Without the settings of who makes the page."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOTIA_", "FORCE_COLOR"))}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "120", **(more or {})}


def _said(project: Path, case: Case, ports: Mapping[str, str] | None = None) -> str:
    """What a command says, with the exit code, without what is of this machine.

    Args:
        ports: What the page calls a port, and which it really is.
    """
    (project / "motia.toml").write_text(case.toml)
    words = [(ports or {}).get(word, word) for word in shlex.split(case.line)[1:]]
    done = subprocess.run(
        [COMMAND, *words],
        cwd=project,
        env=_environment(case.environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    if done.returncode == 0:
        raise SystemExit(f"{case.line} was to fail: {done.stdout}")
    said = done.stderr
    for shown, real in (ports or {}).items():
        said = said.replace(f":{real}", f":{shown}")
    said = said.replace(os.path.realpath(project.parent), "/home/ada").replace(str(project.parent), "/home/ada")
    said = re.sub(r"pid \d+", "pid 4242", said)
    said = re.sub(r"\[Errno \d+\] ", "", said)  # it has other numbers on other systems
    return f"{said.rstrip()}\n(exit code {done.returncode})"


def _entry(case: Case, said: str) -> str:
    toml = f"```toml\n# motia.toml\n{case.toml}```\n\n" if case.toml else ""
    set_ = "".join(f"{name}={value} " for name, value in (case.environment or {}).items())
    return f"{toml}```console\n$ {set_}{case.line}\n{said}\n```\n"


@contextmanager
def _taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield int(taken.getsockname()[1])


@contextmanager
def _free_port() -> Iterator[int]:
    """One that nobody listens on, and that is held, so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def _serving(project: Path) -> Iterator[None]:
    """A core that uses the data of the project."""
    command = [COMMAND, "serve", "--port", "0", "--log-format", "json"]
    (project / "motia.toml").write_text("")
    with subprocess.Popen(command, cwd=project, env=_environment(), stdout=subprocess.PIPE, text=True) as core:
        assert core.stdout is not None
        try:
            if not any('"event":"ready"' in line for line in core.stdout):
                raise SystemExit("motia-core serve did not start")
            yield
        finally:
            core.terminate()
            core.stdout.read()  # until it has ended
