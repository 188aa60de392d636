"""podman as these tests use it: with storage of its own, and without what needs Docker, a registry or systemd."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.repo.repository import ROOT

NEEDED = ("podman", "runc", "debootstrap", "iptables", "node", "npm", "go")
KEPT = ROOT / ".tools" / "containers"  # images of earlier runs: what has not changed is not built again
RUNTIME = Path(__file__).parent / "runc-without-rlimits"
STARTED_WITHIN_S = 30
# podman says this with every container that has a health check: here the tests ask, not systemd
NOISE = "systemd connection"


class PodmanError(Exception):
    """podman refused; says what it was asked and what it said."""


class Podman:
    """One storage with images and containers, and the Docker-compatible socket of it. One process at a time has it."""

    def __init__(self) -> None:
        # short, for the socket; the same every time, because the storage remembers it
        folder = Path("/tmp") / f"motia-containers-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
        self.socket = folder / "podman.sock"
        self.bin = folder / "bin"
        self._service: subprocess.Popen[bytes] | None = None
        KEPT.mkdir(parents=True, exist_ok=True)
        self._lock = (KEPT / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.socket.unlink(missing_ok=True)
        run_root = folder / "run"
        self._options = ["--root", str(KEPT / "storage"), "--runroot", str(run_root), "--runtime", str(RUNTIME)]
        self._options += ["--cgroup-manager", "cgroupfs"]
        self._write_commands()

    def _write_commands(self) -> None:
        """`podman` for programs that call it by its name, and build arguments that a registry behind a proxy needs."""
        self.bin.mkdir(parents=True, exist_ok=True)
        real = shutil.which("podman")
        text = f"""#!/bin/bash
# builds without systemd and a network of their own
if [ "$1" = build ]; then
  shift
  set -- build --format docker --isolation chroot --network host $MOTIA_TEST_BUILD "$@"
fi
exec {real} {" ".join(self._options)} "$@"
"""
        for name in ("podman", "docker"):  # a real Docker is not asked, where there is one
            program = self.bin / name
            program.write_text(text)
            program.chmod(0o755)

    @property
    def environment(self) -> Mapping[str, str]:
        """For programs that call podman by its name."""
        return {**os.environ, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}

    def run(
        self, *arguments: str | Path, code: int | None = 0, timeout_s: float = 600, stdin: int | None = None
    ) -> str:
        """Run a command of podman; what it printed.

        Raises:
            PodmanError: It ended with another code.
        """
        command = [str(self.bin / "podman"), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False, stdin=stdin or subprocess.DEVNULL
        )
        if code is not None and done.returncode != code:
            said = (done.stdout + done.stderr)[-6000:]
            raise PodmanError(f"podman {' '.join(command[1:])} ended with {done.returncode}:\n{said}")
        return done.stdout + "".join(line for line in done.stderr.splitlines(keepends=True) if NOISE not in line)

    def has_image(self, name: str) -> bool:
        """Whether there is an image of that name."""
        try:
            self.run("image", "exists", name)
        except PodmanError:
            return False
        return True

    def build(self, tag: str, containerfile: Path, context: Path, arguments: Mapping[str, str], *options: str) -> None:
        """Build an image."""
        given = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
        self.run("build", "--format", "docker", "-t", tag, "-f", containerfile, *options, *given, context)

    def serve(self) -> None:
        """Listen on the socket that speaks Docker's API."""
        command = [str(self.bin / "podman"), "system", "service", "--time=0", f"unix://{self.socket}"]
        self._service = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + STARTED_WITHIN_S
        while not self.socket.exists():
            assert self._service.poll() is None and time.monotonic() < until, "podman system service did not start"
            time.sleep(0.05)

    def close(self) -> None:
        """End the service, and remove what is running still."""
        if self._service is not None:
            self._service.terminate()
            self._service.wait(10)
        self.clear()
        # podman leaves its storage mounted on itself, and make clean could not remove it
        subprocess.run(["umount", "--recursive", KEPT / "storage" / "overlay"], check=False, capture_output=True)
        self._lock.close()

    def clear(self) -> None:
        """Remove what a run has left, but for images that are not old."""
        self.run("rm", "--all", "--force", "--time", "0", code=None)
        self.run("volume", "prune", "--force", code=None)
        self.run("network", "prune", "--force", code=None)
        self.run("image", "prune", "--force", "--filter", "until=24h", code=None)


def missing() -> Sequence[str]:
    """Programs that are not there."""
    sbin = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return [name for name in NEEDED if shutil.which(name, path=sbin) is None] + ([] if os.geteuid() == 0 else ["root"])
