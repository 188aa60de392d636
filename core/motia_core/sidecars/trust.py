"""How the core knows external sidecars, and they the core: the shared token, and TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import grpc

from motia_core.errors import SettingsError
from motia_core.settings import SidecarSettings


def shared_token(settings: SidecarSettings) -> str:
    """What external sidecars show. A file is read each time, so that its content can be changed.

    Raises:
        SettingsError: The file cannot be read, or is empty.
    """
    if settings.token_file is None:
        return settings.token or ""
    token = _read("sidecars.token_file", settings.token_file).decode(errors="replace").strip()
    if not token:
        raise SettingsError(f"sidecars.token_file {settings.token_file} is empty")
    return token


def credentials(settings: SidecarSettings, connecting: Callable[[], None]) -> grpc.ServerCredentials | None:
    """What the core shows to those who dial, and asks of them; None: plain TCP. Files that have been written again are
    shown to who dials next.

    Args:
        connecting: Called from any thread when somebody dials, before it is known whether he is trusted.

    Raises:
        SettingsError: A file is not what it should be.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    _check(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
    shown = _files(settings)

    def current() -> grpc.ServerCertificateConfiguration:
        nonlocal shown
        connecting()
        with suppress(SettingsError):  # one is being replaced: what was read before goes on
            shown = _files(settings)
        return _configuration(*shown)

    must_show = settings.tls_client_ca is not None
    return grpc.dynamic_ssl_server_credentials(_configuration(*shown), current, require_client_authentication=must_show)


def _configuration(certificate: bytes, key: bytes, client_ca: bytes | None) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(key, certificate)], client_ca)


def _files(settings: SidecarSettings) -> tuple[bytes, bytes, bytes | None]:
    assert settings.tls_cert is not None and settings.tls_key is not None  # the caller saw to it
    ca = settings.tls_client_ca
    return (
        _read("sidecars.tls_cert", settings.tls_cert),
        _read("sidecars.tls_key", settings.tls_key),
        _read("sidecars.tls_client_ca", ca) if ca is not None else None,
    )


def _check(certificate: Path, key: Path, client_ca: Path | None) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _read("sidecars.tls_cert", certificate)
    _read("sidecars.tls_key", key)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        why = error.reason or error
        raise SettingsError(f"sidecars.tls_cert {certificate} and sidecars.tls_key {key} do not fit: {why}") from error
    if client_ca is None:
        return
    try:
        context.load_verify_locations(cadata=_read("sidecars.tls_client_ca", client_ca).decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise SettingsError(f"sidecars.tls_client_ca {client_ca} has no certificate: it must be PEM") from error


def _read(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{setting} {path} cannot be read: {error.strerror}") from error
