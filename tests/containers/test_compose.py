"""compose.yaml as `motia-core docker setup --apart` writes it, brought up by podman-compose."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from motia_core.project.container_files import write_container_files
from tests.containers.deployment import THROUGH
from tests.containers.engine import Podman
from tests.containers.fleet import wait_until
from tests.containers.images import PROJECT, Images, copy, go_options
from tests.containers.test_one_image import answers, free_port

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]


class Composed:
    """The services of the compose file."""

    def __init__(self, podman: Podman, images: Images, project: Path) -> None:
        self._podman, self._project, self.port = podman, project, free_port()
        options = " ".join((*images.wheel.options, *go_options()))
        bases = " ".join(f"--build-arg {name}={base}" for name, base in images.bases.items())
        self._environment = {
            **podman.environment,
            "MOTIA_TEST_BUILD": f"{options} {bases}",
            "MOTIA": str(images.wheel.path),
            "POSTGRES_IMAGE": images.postgres(),
            "POSTGRES_PASSWORD": secrets.token_hex(8),
            "MOTIA_SIDECARS_TOKEN": secrets.token_hex(16),
            "PORT": str(self.port),
        }

    def run(self, *arguments: str) -> str:
        program = str(Path(sys.executable).parent / "podman-compose")
        done = subprocess.run(
            [program, "--in-pod", "false", "--file", "containers/compose.yaml", *arguments], cwd=self._project,
            env=self._environment, capture_output=True, text=True, timeout=800, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def composed(podman: Podman, images: Images) -> Iterator[Composed]:
    with copy(PROJECT) as project:
        write_container_files(project, apart=True)
        with_ruby(project / "containers" / "compose.yaml")
        composed = Composed(podman, images, project)
        try:
            composed.run("up", "--build", "--detach")
            yield composed
        finally:
            composed.run("down", "--volumes", "--timeout", "40")


def with_ruby(compose: Path) -> None:
    """Do what the file says for projects with Ruby steps: its service is there, as a comment."""
    head, _, rest = compose.read_text().partition("  # for projects with Ruby steps:\n")
    service, _, tail = rest.partition("\n\n")
    compose.write_text(f"{head}{service.replace('  # ', '  ')}\n\n{tail}")


def test_a_parcel_goes_through_all_services(composed: Composed) -> None:
    url = f"http://127.0.0.1:{composed.port}"
    wait_until(lambda: answers(url), "the core is ready", 90, lambda: composed.run("logs", "core"))
    assert httpx.post(f"{url}/parcels", json={"id": "one"}, timeout=20).status_code == 202
    wait_until(lambda: httpx.get(f"{url}/delivered", timeout=20).json() != [], "the parcel arrives")
    assert httpx.get(f"{url}/delivered", timeout=20).json() == [{"id": "one", "through": THROUGH}]
