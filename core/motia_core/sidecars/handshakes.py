"""Why a TLS handshake with a sidecar failed, in words of people who can mend it."""

from __future__ import annotations

import ssl

SEEN = "the certificate of this core (sidecars.tls_cert)"
ANOTHER_NAME = f"{SEEN} is not for the name that it dials (MOTIA_SIDECAR_SERVER_NAME), or is malformed"
NOT_SIGNED = f"{SEEN} is not signed by an authority that it trusts (MOTIA_SIDECAR_CA)"
NO_CERTIFICATE = "it shows no certificate (MOTIA_SIDECAR_CERT), and sidecars.tls_client_ca asks for one"
NO_TLS = "it does not speak TLS: sidecars of this core need MOTIA_SIDECAR_CA"
# What OpenSSL calls it: what the sidecar says about the core's certificate (an alert), and what the core finds.
REASONS = {
    "TLSV1_ALERT_UNKNOWN_CA": NOT_SIGNED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": NOT_SIGNED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"{SEEN} has expired, it says, or is not valid yet by its clock",
    "SSLV3_ALERT_BAD_CERTIFICATE": ANOTHER_NAME,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": NO_CERTIFICATE,
    "WRONG_VERSION_NUMBER": NO_TLS,
    "HTTP_REQUEST": NO_TLS,
}
# X509_V_ERR_… of OpenSSL, about the sidecar's certificate
FOUND = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself, and not by sidecars.tls_client_ca",
    19: "is not signed by sidecars.tls_client_ca",
    20: "is not signed by sidecars.tls_client_ca",
    21: "is not signed by sidecars.tls_client_ca",
    26: "is not meant for clients (extendedKeyUsage)",
}


def why(error: OSError) -> str:
    """Why a handshake failed, as far as the error says it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        found = FOUND.get(error.verify_code, f"cannot be verified: {error.verify_message}")
        return f"its certificate (MOTIA_SIDECAR_CERT) {found}"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        return REASONS.get(reason, f"TLS could not be agreed on: {reason.replace('_', ' ').lower()}")
    return ""


def turned_away(name: str | None) -> str:
    """Why somebody ended a connection without a word, when he had seen the core's certificate. Node does it always, and
    gRPC when the name is wrong.

    Args:
        name: That he dialled; None: he dialled an address.
    """
    return (
        f"it ended the connection when it had seen {SEEN}, which is not for {name or 'the address that it dials'} "
        "(MOTIA_SIDECAR_SERVER_NAME), or is not signed by an authority that it trusts (MOTIA_SIDECAR_CA), or has "
        "expired: its own output says which"
    )
