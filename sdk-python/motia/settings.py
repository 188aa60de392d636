"""What the environment says of the core: how to reach it, as whom, and whether this process was launched by it."""

from __future__ import annotations

import os
import platform
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """The environment does not say how to reach the core."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach the core and as whom."""

    address: str
    token: str
    language: str
    is_external: bool = False  # somebody else than the core runs this process
    name: str = ""  # for people
    ca: bytes = b""  # PEM: who may have signed the core's certificate; none: plain TCP
    certificate: bytes = b""  # PEM: ours
    key: bytes = b""
    certificate_path: str = ""
    key_path: str = ""
    server_name: str = ""  # in the core's certificate, when it is not that of the address


def read_settings(environ: MutableMapping[str, str] = os.environ) -> Settings:
    """Read the variables, and remove the token so that user code and its children never see it."""
    token = environ.pop("MOTIA_SIDECAR_TOKEN", "")
    address = environ.get("MOTIA_SIDECAR_ADDRESS", "")
    if not address:
        raise SettingsError(
            "MOTIA_SIDECAR_ADDRESS is not set. `python -m motia` is started by the core: run `motia-core serve` "
            "instead; or set it with MOTIA_SIDECAR_EXTERNAL=1 and MOTIA_SIDECAR_TOKEN to attach to a core elsewhere"
        )
    language = environ.get("MOTIA_SIDECAR_LANGUAGE", "python")
    if environ.get("MOTIA_SIDECAR_EXTERNAL", "") in ("", "0"):
        return Settings(address, token, language)
    if not token:
        raise SettingsError("MOTIA_SIDECAR_TOKEN is not set: it is the sidecars.token of the core")
    certificate, key = (_pem(environ, f"MOTIA_SIDECAR_{what}") for what in ("CERT", "KEY"))
    if bool(certificate) != bool(key):
        raise SettingsError("MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY go together: set both, or none")
    ca = _pem(environ, "MOTIA_SIDECAR_CA")
    if certificate and not ca:
        raise SettingsError("MOTIA_SIDECAR_CERT is for TLS, which needs MOTIA_SIDECAR_CA: who has signed the core's")
    name = environ.get("MOTIA_SIDECAR_NAME") or platform.node()
    server_name = environ.get("MOTIA_SIDECAR_SERVER_NAME", "")
    paths = environ.get("MOTIA_SIDECAR_CERT", ""), environ.get("MOTIA_SIDECAR_KEY", "")
    return Settings(address, token, language, True, name, ca, certificate, key, *paths, server_name)


def _pem(environ: MutableMapping[str, str], variable: str) -> bytes:
    path = environ.get(variable, "")
    if not path:
        return b""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{variable} is {path}, which cannot be read: {error.strerror}") from error
    if b"-----BEGIN" not in content:
        raise SettingsError(f"{variable} is {path}, which is no PEM file")
    return content
