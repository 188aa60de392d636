"""Which settings go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from motia_core.model.loopback import is_loopback

LEAST_TOKEN = 16  # characters
PAIRS = (("http.tls_cert", "http.tls_key"), ("sidecars.tls_cert", "sidecars.tls_key"))


def check_together(values: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with settings that are right one by one.

    Args:
        values: By name, of those that are set.
    """
    for pair in PAIRS:
        for one, other in (pair, pair[::-1]):
            if values.get(one) and not values.get(other):
                yield f"{one} is set and {other} is not: TLS needs both"
    if values.get("http.http2") and values.get("http.server") == "uvicorn":
        yield "http.http2 is set and http.server is uvicorn, which has no HTTP/2: leave http.server out"
    if values.get("sidecars.external"):
        yield from _external(values)


def _external(values: Mapping[str, object]) -> Iterator[str]:
    token, listen = values.get("sidecars.token"), str(values.get("sidecars.listen") or "")
    if values.get("reload"):
        yield (
            "sidecars.external cannot be had with dev: whoever runs those sidecars gives them new files, and the core "
            "does not follow: use serve"
        )
    if not listen:
        yield "sidecars.external is set and sidecars.listen is not: say where they attach, such as 127.0.0.1:7777"
    if not token and not values.get("sidecars.token_file"):
        yield (
            "sidecars.external needs a secret that the sidecars show: sidecars.token or sidecars.token_file; "
            "`openssl rand -hex 32` makes one"
        )
    if token and values.get("sidecars.token_file"):
        yield "sidecars.token and sidecars.token_file are both set: leave one of them out"
    if token and len(str(token)) < LEAST_TOKEN:
        yield f"sidecars.token has fewer than {LEAST_TOKEN} characters: `openssl rand -hex 32` makes a good one"
    if values.get("sidecars.tls_client_ca") and not values.get("sidecars.tls_cert"):
        yield "sidecars.tls_client_ca is set and sidecars.tls_cert is not: only with TLS are there certificates"
    is_plain = not values.get("sidecars.tls_cert") and not values.get("sidecars.allow_insecure_tcp")
    if listen and is_plain and not is_loopback(listen.rpartition(":")[0].strip("[]")):
        yield (
            f"sidecars.listen is {listen}, which other hosts reach, without TLS: set sidecars.tls_cert and "
            "sidecars.tls_key, or sidecars.allow_insecure_tcp where the network itself is trusted"
        )
