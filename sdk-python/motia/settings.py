"""What the environment says of the core: how to reach it, as whom, and whether this process was launched by it."""

from __future__ import annotations

import os
import platform
import ssl
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
    tls: ssl.SSLContext | None = None  # of these three
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
    tls = _tls(environ, ca, has_certificate=bool(certificate)) if ca else None
    return Settings(address, token, language, True, name, ca, certificate, key, tls, server_name)


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


def _tls(environ: MutableMapping[str, str], ca: bytes, *, has_certificate: bool) -> ssl.SSLContext:
    """What gRPC makes of the files, which says nothing about those that it cannot use: it dials in vain."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.set_alpn_protocols(["h2"])
    try:
        tls.load_verify_locations(cadata=ca.decode("ascii", "ignore"))  # what is not ASCII is comments
    except ssl.SSLError as error:
        raise SettingsError(f"MOTIA_SIDECAR_CA has no certificate that can be read: {error}") from error
    if has_certificate:
        try:
            # Nobody is there to type a password; a key that wants one cannot be read.
            tls.load_cert_chain(environ["MOTIA_SIDECAR_CERT"], environ["MOTIA_SIDECAR_KEY"], password="")
        except ssl.SSLError as error:
            raise SettingsError(
                f"MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY do not fit each other, or cannot be read: {error}"
            ) from error
    return tls
