"""What the machine has for a project: languages, tools, a free port, room on the disk, file watches."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from motia_core.cli.findings import Finding
from motia_core.settings import Settings

LEAST_NODE = 20
LEAST_FREE_BYTES = 512 * 1024 * 1024
NEEDED_WATCHES = 8_192  # of inotify; what a usual project with node_modules takes
INOTIFY = Path("/proc/sys/fs/inotify/max_user_watches")
SECTION = "machine"


def languages(settings: Settings, groups: frozenset[str]) -> Iterator[Finding]:
    """Node.js and Python, as far as the project's steps need them."""
    from motia_core.sidecars.languages import environment_version, project_python

    if "node" in groups:
        yield _node(settings)
    if "python" in groups:
        python = settings.sidecars.python or project_python(settings.project)
        if python is None:
            what = "Python steps run in the environment of motia-core: packages of their own need one of the project"
            yield Finding("languages", "ok", what)
        elif not python.exists() and not shutil.which(str(python)):
            yield Finding("languages", "error", f"sidecars.python is {python}, which is not there", "put it right")
        else:
            version = environment_version(python)
            numbers = f" {version[0]}.{version[1]}" if version else ""
            where = python.relative_to(settings.project) if python.is_relative_to(settings.project) else python
            yield Finding("languages", "ok", f"Python{numbers} ({where})")


def _node(settings: Settings) -> Finding:
    node = str(settings.sidecars.node) if settings.sidecars.node else shutil.which("node")
    remedy = f"install Node {LEAST_NODE} or newer, or set sidecars.node"
    if node is None:
        return Finding("languages", "error", "Node.js was not found", remedy)
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("languages", "error", f"{node} cannot be run: {error}", remedy)
    match = re.match(r"v(\d+)", said)
    if match is None or int(match[1]) < LEAST_NODE:
        return Finding("languages", "error", f"Node.js {said.strip() or '?'} is too old ({node})", remedy)
    return Finding("languages", "ok", f"Node.js {said.strip()} ({node})")


def machine(settings: Settings) -> Iterator[Finding]:
    """What serving needs beside the languages."""
    yield _port(settings.http.host, settings.http.port)
    folder = settings.project / settings.data_dir
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(there, os.W_OK | os.X_OK) or not there.is_dir():
        yield Finding(SECTION, "error", f"the data directory {folder} cannot be written", "choose another: data_dir")
    else:
        free = shutil.disk_usage(there).free
        amount = f"{free / 1024**3:.1f} GiB"
        if free < LEAST_FREE_BYTES:
            yield Finding(SECTION, "warning", f"{amount} are free where the data directory is", "make room")
        else:
            yield Finding(SECTION, "ok", f"the data directory can be written, {amount} are free")
    yield from _watches()


def _port(host: str, port: int) -> Finding:
    if port == 0:
        return Finding(SECTION, "ok", "the port is chosen at the start")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = f"port {port} on {host} cannot be used: {error.strerror}"
            return Finding(SECTION, "warning", what, "end what runs there, or take another: --port")
    return Finding(SECTION, "ok", f"port {port} on {host} is free")


def _watches() -> Iterator[Finding]:
    try:
        limit = int(INOTIFY.read_text())
    except (OSError, ValueError):
        return  # another system, without such a limit
    if limit < NEEDED_WATCHES:
        remedy = f"sysctl fs.inotify.max_user_watches={NEEDED_WATCHES * 16}"
        yield Finding(SECTION, "warning", f"only {limit} folders can be watched for changes", remedy)
