"""Whether this machine runs containers at all: with a program that does nothing, and nothing of ours in it."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.containers.engine import Podman, PodmanError

IMAGE, NETWORK = "localhost/motia-tests-nothing", "motia-tests-nothing"
NOTHING = "int main(void) { return 0; }"


def refusal(podman: Podman) -> str | None:
    """Why the machine refuses; None: it runs containers, with a network between them."""
    with tempfile.TemporaryDirectory() as folder:
        program, image = Path(folder) / "nothing", Path(folder) / "image.tar"
        command = ["gcc", "-static", "-x", "c", "-", "-o", str(program)]
        subprocess.run(command, input=NOTHING, text=True, check=True, timeout=60)
        with tarfile.open(image, "w") as packed:
            packed.add(program, "nothing")
        try:
            podman.run("import", image, IMAGE)
            podman.run("network", "rm", "--force", NETWORK, code=None)
            podman.run("network", "create", NETWORK)
            podman.run("run", "--rm", "--network", NETWORK, IMAGE, "/nothing", timeout_s=60)
        except (PodmanError, subprocess.TimeoutExpired) as error:
            return str(error)
    return None
