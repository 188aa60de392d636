"""How the core knows external sidecars, and they the core: the shared token, and TLS."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

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


class ServerTrust:
    """What the core shows to sidecars that dial over TLS, and asks of them.

    Raises:
        SettingsError: A file is not what it should be.
    """

    def __init__(self, settings: SidecarSettings) -> None:
        self._settings = settings
        self._last = _context(settings)

    def context(self) -> ssl.SSLContext:
        """For who dials next: files that have been written again are read again."""
        with suppress(SettingsError):  # one is being replaced: what was read before goes on
            self._last = _context(self._settings)
        return self._last


def _context(settings: SidecarSettings) -> ssl.SSLContext:
    certificate, key, client_ca = settings.tls_cert, settings.tls_key, settings.tls_client_ca
    assert certificate is not None and key is not None  # the caller saw to it
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    _read("sidecars.tls_cert", certificate)
    _read("sidecars.tls_key", key)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        why = error.reason or error
        raise SettingsError(f"sidecars.tls_cert {certificate} and sidecars.tls_key {key} do not fit: {why}") from error
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(cadata=_read("sidecars.tls_client_ca", client_ca).decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError) as error:
            raise SettingsError(f"sidecars.tls_client_ca {client_ca} has no certificate: it must be PEM") from error
    return context


def _read(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{setting} {path} cannot be read: {error.strerror}") from error
