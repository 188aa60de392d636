"""What a collector of OpenTelemetry gets from a core whose steps are in two languages and trace their own code too."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.conformance.core import COMMAND, RunningCore, running_core
from tests.integration.telemetry.stand_in import StandIn, facts_of, grpc_collector, http_collector, value_of

HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "npm" / "node_modules"
PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
UNSAMPLED = f"00-{'c' * 32}-{'d' * 16}-00"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("spans") / "project"
    shutil.copytree(HERE / "project", root)
    (root / "node_modules").symlink_to(PACKAGES)
    return root


@pytest.fixture(scope="module")
def collector() -> Iterator[StandIn]:
    with http_collector() as running:
        yield running


@pytest.fixture(scope="module")
def core(project: Path, collector: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    settings = {
        "MOTIA_OTLP_ENDPOINT": collector.url,
        "MOTIA_OTLP_HEADERS": "authorization=Bearer key",
        "MOTIA_OTLP_RESOURCE": "deployment.environment.name=test",
        "MOTIA_OTLP_INTERVAL_MS": "300",
    }
    with running_core(project, tmp_path_factory.mktemp("data"), settings) as running:
        yield running


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.05)
    return found


def order(core: RunningCore, number: str, traceparent: str = PARENT) -> str:
    answer = httpx.post(f"{core.url}/orders/{number}", headers={"traceparent": traceparent})
    assert answer.status_code == 201
    return str(answer.headers["x-trace-id"])


def spans(collector: StandIn, trace_id: str, count: int) -> dict[str, Any]:
    """The spans of a run, by name, as soon as there are so many."""

    def look() -> dict[str, Any] | None:
        ours = [one for one in collector.spans if facts_of(one.attributes).get("motia.trace_id") == trace_id]
        ids = {one.span_id for one in ours}
        both = ours + [one for one in collector.spans if one.parent_span_id in ids and one not in ours]
        return {one.name: one for one in both} if len(both) >= count else None

    found: dict[str, Any] = until(look)
    return found


def test_a_trace_goes_on_through_the_core_to_the_collector(core: RunningCore, collector: StandIn) -> None:
    found = spans(collector, order(core, "torn"), 5)
    request, packing = found["POST /orders/:id"], found["process ordered"]
    assert set(found) == {"POST /orders/:id", "process ordered", "state.set orders/torn", "send ordered"}
    assert request.trace_id == bytes.fromhex("a" * 32)
    assert request.parent_span_id == bytes.fromhex("b" * 16), "it continues what the client began"
    assert request.kind == Span.SPAN_KIND_SERVER
    facts = facts_of(request.attributes)
    assert facts["http.route"] == "/orders/:id"
    assert facts["http.request.method"] == "POST"
    assert facts["http.response.status_code"] == 201
    assert facts["url.path"] == "/orders/torn"
    assert facts["motia.step"] == "Order"
    both = [one for one in collector.spans if one.name == "process ordered" and one.parent_span_id == request.span_id]
    assert {facts_of(one.attributes)["motia.step"] for one in both} == {"Pack", "Label"}
    failed = next(one for one in both if facts_of(one.attributes)["motia.step"] == "Pack")
    assert packing.kind == Span.SPAN_KIND_CONSUMER
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert failed.status.message == "ValueError: the paper is torn"
    thrown = facts_of(failed.events[0].attributes)
    assert thrown["exception.type"] == "ValueError"
    assert thrown["exception.message"] == "the paper is torn"
    assert str(thrown["code.file.path"]).endswith("pack_step.py")
    assert thrown["code.line.number"] == 16
    assert request.start_time_unix_nano <= failed.start_time_unix_nano < failed.end_time_unix_nano
    sent = found["send ordered"]
    assert sent.kind == Span.SPAN_KIND_PRODUCER
    assert sent.parent_span_id == request.span_id


def test_the_collector_learns_who_exports(core: RunningCore, collector: StandIn) -> None:
    spans(collector, order(core, "who"), 5)
    resource = collector.resources[-1]
    assert resource["service.name"] == "spans"
    assert resource["deployment.environment.name"] == "test"
    assert resource["service.instance.id"]
    assert collector.headers["authorization"] == "Bearer key"


def test_what_its_client_does_not_sample_is_not_exported(core: RunningCore, collector: StandIn) -> None:
    order(core, "unseen", UNSAMPLED)
    spans(collector, order(core, "seen"), 5)
    assert not [one for one in collector.spans if one.trace_id == bytes.fromhex("c" * 32)]


def test_log_records_belong_to_their_span(core: RunningCore, collector: StandIn) -> None:
    found = spans(collector, order(core, "logged"), 5)

    def look() -> Any:
        mine = [one for one in collector.logs if facts_of(one.attributes).get("id") == "logged"]
        return mine and mine[0]

    record = until(look)
    assert value_of(record.body) == "ordered"
    assert record.severity_text == "INFO"
    assert record.trace_id == bytes.fromhex("a" * 32)
    assert record.span_id == found["POST /orders/:id"].span_id
    assert facts_of(record.attributes)["motia.step"] == "Order"


def test_metrics_come_again_and_again(core: RunningCore, collector: StandIn) -> None:
    order(core, "measured")

    def responses() -> Any:
        metric = collector.metrics.get("motia_http_responses")
        points = metric.sum.data_points if metric else []
        return [one for one in points if facts_of(one.attributes).get("status") == "201"]

    point = until(responses)[0]
    assert facts_of(point.attributes) == {"step": "Order", "method": "POST", "route": "/orders/:id", "status": "201"}
    assert point.as_double >= 1
    durations = collector.metrics["motia_attempt_duration_seconds"]
    assert durations.unit == "s"
    one = durations.histogram.data_points[0]
    assert len(one.bucket_counts) == len(one.explicit_bounds) + 1
    assert sum(one.bucket_counts) == one.count > 0
    assert collector.metrics["motia_loop_lag_seconds"].gauge.data_points


def test_spans_of_the_users_are_shown_with_the_core_s(core: RunningCore) -> None:
    trace_id = order(core, "spans")

    def look() -> Any:
        found = httpx.get(f"{core.url}/__motia/traces/{trace_id}").json()["attempts"]
        by_name = {one["name"]: one for one in found}
        counts = {name: len(one["spans"]) for name, one in by_name.items()}
        return by_name if counts == {"Order": 2, "Pack": 1, "Label": 1} else None

    attempts = until(look)
    inner, outer = sorted(attempts["Order"]["spans"], key=lambda one: str(one["name"]))
    assert (inner["name"], outer["name"]) == ("discount", "price")
    assert inner["parentSpanId"] == outer["spanId"]
    assert inner["error"] == "no such code"
    assert outer["parentSpanId"] == attempts["Order"]["traceparent"].split("-")[2]
    assert outer["attributes"] == {"order.id": "spans"}
    assert 0 <= outer["offsetMs"] <= inner["offsetMs"] <= attempts["Order"]["durationMs"] + 5
    for name, span in (("Pack", "wrap"), ("Label", "print")):
        found = attempts[name]["spans"][0]
        assert found["name"] == span
        assert found["parentSpanId"] == attempts[name]["traceparent"].split("-")[2]


def test_the_terminal_shows_them_below_their_attempt(core: RunningCore) -> None:
    trace_id = order(core, "shown")
    until(lambda: httpx.get(f"{core.url}/__motia/traces/{trace_id}").text.count('"spanId"') == 4)
    done = subprocess.run([COMMAND, "trace", trace_id, "--url", core.url], capture_output=True, text=True, check=True)
    names = [re.split(r"  +", line.strip())[0] for line in done.stdout.splitlines() if "█" in line or "▄" in line]
    assert names[:3] == ["Order", "· price", "· discount"]
    assert sorted(names[3:]) == sorted(["Pack", "· wrap", "Label", "· print"])


def test_nothing_is_lost_while_the_collector_is_busy(core: RunningCore, collector: StandIn) -> None:
    collector.refusals += [503] * 6
    trace_id = order(core, "later")
    assert spans(collector, trace_id, 5)
    until(lambda: any("are exported again" in str(record.get("message")) for record in core.records))


def test_users_spans_of_the_first_version_of_the_sdk(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "old"
    shutil.copytree(project, root, symlinks=True)
    for path in (root / "steps").iterdir():
        path.unlink()
    shutil.copy(HERE / "old.step.js", root / "steps" / "old.step.js")
    with running_core(root, tmp_path / "data") as core:
        trace_id = httpx.post(f"{core.url}/old-orders/1").headers["x-trace-id"]

        def look() -> Any:
            return httpx.get(f"{core.url}/__motia/traces/{trace_id}").json()["attempts"][0]["spans"]

        assert {one["name"] for one in until(look)} == {"price", "discount"}


def test_over_grpc_and_at_the_end(project: Path, tmp_path: Path) -> None:
    with grpc_collector() as collector:
        settings = {
            "MOTIA_OTLP_ENDPOINT": collector.url,
            "MOTIA_OTLP_PROTOCOL": "grpc",
            "MOTIA_OTLP_HEADERS": "x-key=1",
            "MOTIA_OTLP_INTERVAL_MS": "1h",
        }
        with running_core(project, tmp_path / "data", settings) as core:
            order(core, "last")
        assert "POST /orders/:id" in {one.name for one in collector.spans}
        assert "motia_attempts" in collector.metrics, "they are sent once more when the core stops"
        assert collector.headers["x-key"] == "1"


def test_a_collector_that_is_not_there_costs_a_warning(project: Path, tmp_path: Path) -> None:
    settings = {"MOTIA_OTLP_ENDPOINT": "http://127.0.0.1:9", "MOTIA_OTLP_TIMEOUT_MS": "500"}
    with running_core(project, tmp_path / "data", settings) as core:
        order(core, "alone")
        until(lambda: [one for one in core.records if "traces cannot be exported" in str(one.get("message"))])
        began = time.monotonic()
        assert core.stop() == 0
        assert time.monotonic() - began < 10
    warnings = [one for one in core.records if "traces cannot be exported" in str(one.get("message"))]
    assert len(warnings) == 1, "it is not said again and again"
