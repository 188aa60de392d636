"""A Python sidecar that the core has not launched: its end, with what is said again of it; and its certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia.settings import SettingsError, read_settings
from tests.integration.leaving import (
    EXTERNAL,
    LASTING,
    ends_with_the_connection,
    is_said_again,
    waits_for_the_connection,
)
from tests.integration.remote.certificates import Authority
from tests.integration.sdk_python.conftest import STEP, Play, event_step

BASE = {**EXTERNAL, "MOTIA_SIDECAR_ADDRESS": "core:7", "MOTIA_SIDECAR_TOKEN": "t"}
WAITING = event_step("""
    import asyncio, pathlib
    async def handler(data, context):
        await context.emit({"topic": "started", "data": {}})
        while not pathlib.Path("go").exists():
            await asyncio.sleep(0.01)
    """)


def test_leaving_is_said_again_after_a_lost_connection(play: Play) -> None:
    play(WAITING, is_said_again(STEP), EXTERNAL, limits=LASTING)


def test_who_is_to_end_while_the_connection_is_away_leaves_once_it_is_back(play: Play) -> None:
    play(WAITING, waits_for_the_connection(STEP), EXTERNAL, limits=LASTING)


def test_a_connection_lost_in_a_drain_is_the_end(play: Play) -> None:
    play(WAITING, ends_with_the_connection(STEP), EXTERNAL, limits=LASTING)


def test_certificates_are_read(tmp_path: Path) -> None:
    ours = Authority(tmp_path, "ours")
    authority = tmp_path / "with-a-comment.pem"
    authority.write_bytes("# Főtanúsítvány\n".encode() + ours.certificate.read_bytes())
    certificate, key = ours.sign("sidecar")
    shown = {"MOTIA_SIDECAR_CERT": str(certificate), "MOTIA_SIDECAR_KEY": str(key), "MOTIA_SIDECAR_SERVER_NAME": "core"}
    settings = read_settings({**BASE, **shown, "MOTIA_SIDECAR_CA": str(authority)})
    assert settings.ca == authority.read_bytes()
    assert (settings.certificate, settings.key) == (certificate.read_bytes(), key.read_bytes())
    assert settings.server_name == "core"
    assert settings.tls is not None and len(settings.tls.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("ca", "key", "what"),
    [
        ("none", "sidecar", "MOTIA_SIDECAR_CA has no certificate that can be read"),
        ("ours", "other", "do not fit each other"),
        ("ours", "none", "or cannot be read"),
    ],
)
def test_certificates_that_cannot_be_used(tmp_path: Path, ca: str, key: str, what: str) -> None:
    ours = Authority(tmp_path, "ours")
    ours.sign("other")
    certificate, _ = ours.sign("sidecar")
    for name in ("none.pem", "none.key"):
        (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----")
    files = {"CA": tmp_path / f"{ca}.pem", "CERT": certificate, "KEY": tmp_path / f"{key}.key"}
    with pytest.raises(SettingsError, match=what):
        read_settings({**BASE, **{f"MOTIA_SIDECAR_{name}": str(file) for name, file in files.items()}})
