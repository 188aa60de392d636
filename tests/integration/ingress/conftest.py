"""Each test that takes `http` runs through every server."""

from pathlib import Path

import pytest

from motia_core.settings import HttpSettings
from tests.integration.ingress.serving import make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["uvicorn", "uvicorn-tls", "hypercorn", "tls"])
def http(request: pytest.FixtureRequest, certificate: tuple[Path, Path]) -> HttpSettings:
    cert, key = certificate
    if request.param == "tls":
        return HttpSettings(port=0, tls_cert=cert, tls_key=key)
    if request.param == "uvicorn-tls":
        return HttpSettings(port=0, server="uvicorn", tls_cert=cert, tls_key=key)
    return HttpSettings(port=0, server=request.param)


@pytest.fixture(params=["uvicorn", "hypercorn"])
def plain(request: pytest.FixtureRequest) -> HttpSettings:
    """HTTP/1.1 without TLS, for tests that write bytes themselves."""
    return HttpSettings(port=0, server=request.param)
