"""A PostgreSQL server of the tests' own, from the binaries of the machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg

START_S = 20.0
PORT = 5432  # names the socket only: nothing listens on the network


def binaries() -> Path | None:
    """Where the server's programs are; None: it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class PostgresServer:
    """A server in a directory of its own, reachable over a socket there.

    Args:
        programs: Where its programs are.
        fsync: Whether it waits for the disk. Only the machine's own death would tell, which no test brings about.
    """

    def __init__(self, programs: Path, *, fsync: bool = False) -> None:
        self._programs = programs
        self._fsync = "on" if fsync else "off"
        self.root = Path(tempfile.mkdtemp(prefix="motia-pg-"))
        self._user = "nobody" if os.getuid() == 0 else None  # the server refuses to run as root
        if self._user:
            os.chown(self.root, pwd.getpwnam(self._user).pw_uid, -1)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._run("initdb", "-D", str(self.data), "-U", "motia", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def data(self) -> Path:
        return self.root / "data"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = (
            "listen_addresses=",
            "max_connections=200",
            f"unix_socket_directories={self.root}",
            f"fsync={self._fsync}",
        )
        settings = [argument for option in options for argument in ("-c", option)]
        log = (self.root / "log").open("ab")
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.data, *settings], user=self._user, stdout=log, stderr=log, cwd="/"
        )
        log.close()
        deadline = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError((self.root / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT cuts connections and ends in order, SIGQUIT as when the machine dies."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None

    def remove(self) -> None:
        """Stop for good."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.root, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://motia@/{database}?host={self.root}&port={PORT}"

    def new_database(self) -> str:
        """The address of a fresh database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, user=self._user, check=True, capture_output=True, cwd="/")
