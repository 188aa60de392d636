"""TLS and HTTP/2: what clients negotiate, and what is said of files that cannot be used."""

import ssl
import subprocess
from pathlib import Path

import httpx
import pytest
import uvloop

from motia_core.errors import SettingsError
from motia_core.ingress.server import listen
from motia_core.settings import HttpSettings
from tests.fakes.requests import json_response
from tests.integration.ingress.serving import make_certificate, serving
from tests.unit.ingress.rig import Rig


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.parametrize(
    ("server", "http1", "http2", "version"),
    [
        ("auto", True, True, "HTTP/2"),
        ("auto", False, True, "HTTP/2"),
        ("auto", True, False, "HTTP/1.1"),
        ("uvicorn", True, True, "HTTP/1.1"),
    ],
)
def test_version_is_negotiated_with_a_client_that_checks_the_certificate(
    certificate: tuple[Path, Path], server: str, http1: bool, http2: bool, version: str
) -> None:
    cert, key = certificate

    async def main() -> None:
        settings = HttpSettings(port=0, server=server, tls_cert=cert, tls_key=key)  # type: ignore[arg-type]
        rig = Rig(json_response(headers=["set-cookie", "a=1; Secure", "set-cookie", "b=2"]))
        async with serving(settings, rig) as served:
            url = served.listener.url
            assert url.startswith("https://127.0.0.1:")
            async with httpx.AsyncClient(
                base_url=url, verify=trusting(cert), http1=http1, http2=http2, trust_env=False
            ) as client:
                for _ in range(2):
                    response = await client.post("/hello", json={"a": "b"})
                    assert (response.http_version, response.json()) == (version, {"ok": True})
                    assert response.headers.get_list("set-cookie") == ["a=1; Secure", "b=2"]
                assert rig.requests.request.body == b'{"a":"b"}'
            with pytest.raises(httpx.ConnectError):  # nobody vouches for it
                async with httpx.AsyncClient(base_url=url, trust_env=False) as distrusting:
                    await distrusting.get("/hello")
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


def test_plain_text_on_a_tls_port_ends_the_connection_and_nothing_else(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate

    async def main(server: str) -> None:
        settings = HttpSettings(port=0, server=server, tls_cert=cert, tls_key=key)  # type: ignore[arg-type]
        rig = Rig()
        async with serving(settings, rig) as served:
            async with httpx.AsyncClient(trust_env=False) as client:
                with pytest.raises(httpx.TransportError):
                    await client.get(f"http://127.0.0.1:{served.listener.port}/hello")
            assert (await served.client.get("/hello")).status_code == 200
            assert not rig.log.records

    uvloop.run(main("uvicorn"))
    uvloop.run(main("hypercorn"))


def test_unusable_files_are_named_before_anything_is_served(
    certificate: tuple[Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cert, key = certificate
    _, other_key = make_certificate(tmp_path)
    broken, empty, locked = tmp_path / "broken.pem", tmp_path / "empty.pem", tmp_path / "locked.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    empty.write_text("no certificate")
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked],
        check=True,
        capture_output=True,
    )
    for given_cert, given_key, says in (
        (cert, None, "TLS needs both"),
        (None, key, "TLS needs both"),
        (tmp_path / "missing.pem", key, r"http.tls_cert \(.*missing.pem\) cannot be read: No such file"),
        (cert, tmp_path, r"http.tls_key \(.*\) cannot be read: Is a directory"),
        (empty, key, r"http.tls_cert \(.*empty.pem\) has no certificate"),
        (key, cert, r"http.tls_cert \(.*key.pem\) has no certificate"),
        (cert, cert, r"http.tls_key \(.*cert.pem\) has no private key"),
        (broken, key, "TLS cannot start with"),
        (cert, other_key, "is not the key of http.tls_cert"),
        (cert, locked, "has a passphrase"),
    ):
        with pytest.raises(SettingsError, match=says):
            listen(HttpSettings(port=0, tls_cert=given_cert, tls_key=given_key))
    assert "pass phrase" not in "".join(capfd.readouterr())  # the terminal is not asked
