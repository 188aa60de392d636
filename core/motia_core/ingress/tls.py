"""Whether the certificate and the key of the settings can be used; said before anything else starts."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NoReturn

from motia_core.errors import SettingsError
from motia_core.settings import HttpSettings


def check_tls(settings: HttpSettings) -> None:
    """Try to load them.

    Raises:
        SettingsError: One is missing, cannot be read, is no PEM file, has a passphrase, or they do not belong together.
    """
    cert, key = settings.tls_cert, settings.tls_key
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise SettingsError("TLS needs both http.tls_cert and http.tls_key (PEM files).")
    for name, file in (("http.tls_cert", cert), ("http.tls_key", key)):
        _check_file(name, file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key, password=_no_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            message = f"TLS cannot start: http.tls_key ({key}) is not the key of http.tls_cert ({cert})."
        else:
            message = (
                f"TLS cannot start with http.tls_cert ({cert}) and http.tls_key ({key}): {error}. Give a PEM "
                "certificate, with those that lead to its authority after it, and its PEM key."
            )
        raise SettingsError(message) from error


def _check_file(name: str, file: Path) -> None:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"TLS cannot start: {name} ({file}) cannot be read: {error.strerror}.") from error
    wanted = b"CERTIFICATE-----" if name == "http.tls_cert" else b"PRIVATE KEY-----"
    if b"-----BEGIN " not in text or wanted not in text:
        what = "certificate" if name == "http.tls_cert" else "private key"
        raise SettingsError(f"TLS cannot start: {name} ({file}) has no {what} in PEM format.")


def _no_passphrase() -> NoReturn:
    """Asked when the key has one; without this the terminal would be asked, where nobody may sit."""
    raise SettingsError(
        "TLS cannot start: http.tls_key has a passphrase. Give a key without one (openssl pkey -in KEY -out PLAIN)."
    )
