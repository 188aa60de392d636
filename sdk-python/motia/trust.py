"""Finds out why no TLS connection comes about: gRPC does not always say."""

from __future__ import annotations

import socket
import ssl
import time

from motia.settings import Settings

CONNECT_S = 5.0
ANSWER_S = 2.0  # for the core's first byte, which gRPC sends at once
AGAIN_S = 0.5  # a core that is shutting down closes connections as well
EXPIRED, OTHER_NAME = 10, (62, 63, 64)  # of X509_V_ERR


def mistrust(settings: Settings) -> str | None:
    """Why core and sidecar do not trust each other, and what to do; None: that is not it. Blocks."""
    if settings.tls is None:
        return None
    why = _look(settings, settings.tls)
    if why is None:
        return None
    time.sleep(AGAIN_S)
    return why if _look(settings, settings.tls) == why else None


def _look(settings: Settings, tls: ssl.SSLContext) -> str | None:
    host, _, port = settings.address.rpartition(":")
    name = settings.server_name or host.strip("[]")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_S) as plain:
            plain.settimeout(ANSWER_S)
            with tls.wrap_socket(plain, server_hostname=name) as secured:
                return None if secured.recv(1) else _not_accepted(settings)
    except ssl.SSLCertVerificationError as error:
        return _not_trusted(error, name)
    except ssl.SSLError as error:
        if error.reason in ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"):
            return (
                f"the core does not speak TLS at {settings.address}: set its sidecars.tls_cert and sidecars.tls_key, "
                "or leave out MOTIA_SIDECAR_CA"
            )
        return _not_accepted(settings) if "ALERT" in (error.reason or "") else None
    except (OSError, ValueError):  # it cannot be reached: gRPC says so
        return None


def _not_trusted(error: ssl.SSLCertVerificationError, name: str) -> str:
    if error.verify_code == EXPIRED:
        return "the certificate of the core has expired: renew its sidecars.tls_cert"
    if error.verify_code in OTHER_NAME:
        return (
            f"the certificate of the core is not for {name}: dial a name that is in it, or say which one is in "
            "MOTIA_SIDECAR_SERVER_NAME"
        )
    return (
        f"the certificate of the core is not trusted ({error.verify_message}): MOTIA_SIDECAR_CA must be who has signed "
        "its sidecars.tls_cert"
    )


def _not_accepted(settings: Settings) -> str:
    if not settings.certificate:
        return (
            "the core wants to see a certificate: set MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY to one that its "
            "sidecars.tls_client_ca has signed"
        )
    return (
        "the core does not accept the certificate of this sidecar: MOTIA_SIDECAR_CERT must be one that its "
        "sidecars.tls_client_ca has signed, and must not have expired"
    )
