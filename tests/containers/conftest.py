"""What the container tests share: podman, the images, and the log of faults."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from testcontainers.core.config import testcontainers_config

from tests.containers.deployment import Deployment, make_certificates
from tests.containers.engine import Podman, missing
from tests.containers.faults import FaultLog
from tests.containers.images import Images
from tests.containers.probe import refusal


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """podman. Missing on a developer's machine: skipped, and said so; in CI it must be there. A machine whose kernel
    lets nobody run containers is one that nothing can be installed for: skipped everywhere, and said so."""
    if lacking := missing():
        what = f"containers need {', '.join(lacking)}"
        if os.environ.get("CI"):
            pytest.fail(f"{what}: .ci/run installs them")
        pytest.skip(f"{what}: NOTHING was tested in containers")
    podman = Podman()
    try:
        podman.clear()
        if (why := refusal(podman)) is not None:
            pytest.skip(f"this machine runs no containers, NOTHING was tested in them: {why}")
        podman.serve()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", f"unix://{podman.socket}")
            patch.setattr(testcontainers_config, "ryuk_disabled", True)  # its reaper is an image of a registry
            yield podman
    finally:
        podman.close()


@pytest.fixture(scope="session")
def images(podman: Podman) -> Images:
    """The images."""
    return Images(podman)


@pytest.fixture(scope="session")
def system(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Everything apart, with TLS of both sides as the guide makes it. Each test leaves all of it running."""
    deployment = Deployment(images, "apart", make_certificates(tmp_path_factory.mktemp("tls") / "made"))
    try:
        deployment.start_all()
        yield deployment
    finally:
        deployment.close()


@pytest.fixture(scope="session")
def faults() -> Iterator[FaultLog]:
    """The log of what was done to containers and what held."""
    log = FaultLog()
    yield log
    log.write()
