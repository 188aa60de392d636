"""`motia-core docker`: a project with its core and sidecars in one image, as a user makes and runs it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.containers.engine import Podman, PodmanError
from tests.containers.fleet import wait_until
from tests.containers.images import NOT_COPIED, Images
from tests.repo.repository import ROOT

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
MOTIA_CORE = Path(sys.executable).parent / "motia-core"
ORDER = {"customer": "Ada", "items": [{"product": "coffee", "quantity": 2}]}
LARGEST_MB = 420  # beyond the base image: Node, what motia-core needs, the project


class Shop:
    """The example order-pipeline in a folder of its own."""

    def __init__(self, podman: Podman, images: Images, folder: Path) -> None:
        self._podman, self._folder, self._images = podman, folder, images
        self.arguments = [
            part
            for name, value in {**images.bases, **images.wheel.arguments}.items()
            if name in ("BASE", "NODE", "MOTIA")
            for part in ("--build-arg", f"{name}={value}")
        ]
        self.environment = {**podman.environment, "MOTIA_TEST_BUILD": " ".join(images.wheel.options)}

    def motia_core(self, *arguments: str) -> str:
        done = subprocess.run(
            [MOTIA_CORE, "docker", *arguments], cwd=self._folder, env=self.environment, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[str]:
        """The URL of what `motia-core docker run` runs until the block ends."""
        port = free_port()
        command = [MOTIA_CORE, "docker", "run", "-p", str(port), "-n", "motia-tests-shop", "--skip-build"]
        process = subprocess.Popen(
            command, cwd=self._folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: answers(url), "the container answers", 60)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        assert code == 0, "it was drained"


@pytest.fixture(scope="module")
def shop(podman: Podman, images: Images, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop") / "order-pipeline"
    shutil.copytree(ROOT / "examples" / "order-pipeline", folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shop = Shop(podman, images, folder)
    shop.motia_core("setup")
    shop.motia_core("build", "-n", "motia-tests-shop", *shop.arguments)
    return shop


def test_orders_go_through_and_outlive_the_container(shop: Shop) -> None:
    with shop.running() as url:
        order = httpx.post(f"{url}/orders", json=ORDER, timeout=20)
        assert order.status_code == 202, order.text
        wait_until(lambda: priced(url, order.json()["id"]), "the order is priced")
    with shop.running() as url:
        assert priced(url, order.json()["id"])


def test_it_runs_as_nobody_in_particular_and_is_healthy(shop: Shop, podman: Podman) -> None:
    name = "motia-tests-shop-looked-at"
    podman.run("run", "--detach", "--read-only", "--name", name, "motia-tests-shop")
    try:
        wait_until(lambda: is_healthy(podman, name), "it is healthy", 60, lambda: podman.run("logs", name))
        assert podman.run("exec", name, "id", "-u").strip() == "10001"
        assert podman.run("exec", name, "find", "/app", "-writable", "-not", "-type", "l").strip() == ""
    finally:
        podman.run("rm", "--force", "--time", "0", name)


def test_image_is_small(shop: Shop, podman: Podman, images: Images) -> None:
    sizes = [
        podman.run("image", "inspect", name, "--format", "{{.Size}}") for name in ("motia-tests-shop", images.base)
    ]
    whole, base = (int(size) / 1_000_000 for size in sizes)
    assert whole - base < LARGEST_MB


def is_healthy(podman: Podman, name: str) -> bool:
    try:
        podman.run("healthcheck", "run", name)
    except PodmanError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/__motia/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def priced(url: str, id: str) -> bool:
    order = httpx.get(f"{url}/orders/{id}", timeout=20)
    return order.status_code == 200 and "total" in order.json()
