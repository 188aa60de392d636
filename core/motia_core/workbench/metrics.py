"""Metrics for Prometheus, and what those ask who start and stop processes."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, generate_latest
from quart import Response

from motia_core.telemetry.metrics import read_metrics
from motia_core.workbench.exchange import HEADERS, to_json
from motia_core.workbench.mount import Management

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ANSWER_S = 2.0  # for the store to answer


class Metrics:
    """The endpoints `/metrics`, `/live` and `/ready`."""

    def __init__(self, management: Management) -> None:
        self._management = management

    async def live(self) -> Response:
        """The process works."""
        return to_json({"status": "ok"})

    async def ready(self) -> Response:
        """Requests may be sent here: it does not drain, its store answers, and each language has a process."""
        management = self._management
        reasons = []
        if management.admin.health()["status"] != "ok":
            reasons.append("the core is shutting down")
        try:
            async with asyncio.timeout(ANSWER_S):
                await management.state.get("__motia", "ready")
        except Exception as error:  # whatever it is, requests would meet it
            reasons.append(f"the store does not answer: {error or type(error).__name__}")
        connected = {sidecar["group"] for sidecar in management.admin.sidecars() if sidecar["connected"]}
        groups = {step.group for step in management.project().steps if step.group}
        awaited = management.admin.awaited_sidecars()
        reasons += [f"the core waits for a {group} sidecar to attach" for group in awaited]
        reasons += [f"no {group} sidecar is connected" for group in sorted(groups - connected)]
        content = {"status": "unready" if reasons else "ok", "reasons": reasons}
        return to_json(content, 503 if reasons else 200)

    async def metrics(self) -> Response:
        """All of them, as text."""
        registry = CollectorRegistry()
        registry.register(await read_metrics(self._management))
        return Response(generate_latest(registry), 200, HEADERS, content_type=CONTENT_TYPE)
