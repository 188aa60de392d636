"""The app over HTTP/2 and TLS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.conformance.core import running_core
from tests.integration.app_hook.conftest import make_project
from tests.integration.app_hook.test_app import left
from tests.integration.ingress.serving import make_certificate


def parts() -> Iterator[bytes]:
    yield b'{"a":'
    yield b"1}"


def test_app_and_steps_over_http2(tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    settings = {"MOTIA_HTTP_TLS_CERT": str(cert), "MOTIA_HTTP_TLS_KEY": str(key)}
    with running_core(make_project(tmp_path / "project"), tmp_path / "data", settings) as core:

        def client() -> httpx.Client:
            return httpx.Client(base_url=core.url, http2=True, verify=False, timeout=20, trust_env=False)

        with client() as asking:
            health = asking.get("/health")
            assert (health.http_version, health.json()["protocol"]) == ("HTTP/2", "https")
            assert health.json()["host"] == "127.0.0.1"
            data = os.urandom(2_000_000)
            assert asking.post("/upload", files={"file": ("a", data)}).json()["size"] == len(data)
            assert asking.post("/echo", content=data).content == data
            for area in ("any", "signed"):
                headers = {"Content-Type": "application/json"}
                assert asking.post(f"/{area}/look", content=parts(), headers=headers).json()["body"] == {"a": 1}
            with asking.stream("GET", "/events") as events:
                assert next(events.iter_lines()) == "data: 0"
        with client() as asking:
            left(asking, "/events")
