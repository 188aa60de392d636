"""Why handshakes failed, in words."""

from __future__ import annotations

import ssl

import pytest

from motia_core.sidecars.handshakes import turned_away, why


def failed(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] something of OpenSSL (_ssl.c:1006)")
    error.reason = reason
    return error


def not_verified(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (failed("TLSV1_ALERT_UNKNOWN_CA"), "is not signed by an authority that it trusts (MOTIA_SIDECAR_CA)"),
        (failed("SSLV3_ALERT_BAD_CERTIFICATE"), "is not for the name that it dials (MOTIA_SIDECAR_SERVER_NAME)"),
        (failed("PEER_DID_NOT_RETURN_A_CERTIFICATE"), "it shows no certificate (MOTIA_SIDECAR_CERT)"),
        (failed("HTTP_REQUEST"), "it does not speak TLS"),
        (failed("UNSUPPORTED_PROTOCOL"), "TLS could not be agreed on: unsupported protocol"),
        (not_verified(10, "certificate has expired"), "its certificate (MOTIA_SIDECAR_CERT) has expired"),
        (not_verified(23, "certificate revoked"), "cannot be verified: certificate revoked"),
    ],
)
def test_what_went_wrong_is_said_with_the_setting_that_mends_it(error: OSError, reason: str) -> None:
    assert reason in why(error)


def test_a_connection_that_is_only_reset_says_nothing() -> None:
    assert why(ConnectionResetError()) == ""


@pytest.mark.parametrize(("name", "shown"), [("core.example.com", "core.example.com"), (None, "the address")])
def test_who_goes_without_a_word_is_told_of_with_the_name_that_he_dialled(name: str | None, shown: str) -> None:
    assert f"which is not for {shown}" in turned_away(name)
