"""A collector of OpenTelemetry that keeps what it gets: its protocol is that of the official protobufs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


def value_of(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return facts_of(value.kvlist_value.values)
    if kind == "array_value":
        return [value_of(one) for one in value.array_value.values]
    return getattr(value, kind) if kind else None


def facts_of(attributes: Any) -> dict[str, Any]:
    return {one.key: value_of(one.value) for one in attributes}


class StandIn:
    """What has come, and what is answered."""

    def __init__(self) -> None:
        self.url = ""
        self.refusals: list[int] = []  # statuses of the next answers
        self.headers: dict[str, str] = {}  # of the latest request
        self.requests = 0
        self._traces: list[Any] = []
        self._logs: list[Any] = []
        self._metrics: list[Any] = []
        self._lock = threading.Lock()

    def take(self, request: Any) -> None:
        with self._lock:
            self.requests += 1
            if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
                self._traces.append(request)
            elif isinstance(request, logs_service_pb2.ExportLogsServiceRequest):
                self._logs.append(request)
            else:
                self._metrics.append(request)

    @property
    def resources(self) -> list[dict[str, Any]]:
        return [facts_of(one.resource.attributes) for request in self._traces for one in request.resource_spans]

    @property
    def spans(self) -> list[Any]:
        with self._lock:
            scopes = [scope for one in self._traces for each in one.resource_spans for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    @property
    def logs(self) -> list[Any]:
        with self._lock:
            scopes = [scope for one in self._logs for each in one.resource_logs for scope in each.scope_logs]
        return [record for scope in scopes for record in scope.log_records]

    @property
    def metrics(self) -> dict[str, Any]:
        """The latest of each name."""
        with self._lock:
            scopes = [scope for one in self._metrics for each in one.resource_metrics for scope in each.scope_metrics]
        return {metric.name: metric for scope in scopes for metric in scope.metrics}


@contextmanager
def http_collector() -> Iterator[StandIn]:
    stand_in = StandIn()
    kinds = {
        "/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
        "/v1/logs": logs_service_pb2.ExportLogsServiceRequest,
        "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest,
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            stand_in.headers = {name.lower(): text for name, text in self.headers.items()}
            status = stand_in.refusals.pop(0) if stand_in.refusals else 200
            if status == 200:
                stand_in.take(kinds[self.path].FromString(body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def grpc_collector() -> Iterator[StandIn]:
    stand_in = StandIn()
    server = grpc.server(ThreadPoolExecutor(4))

    def serve(base: type, add: Any, answer: Any) -> None:
        def export(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
            stand_in.headers = dict(context.invocation_metadata())
            stand_in.take(request)
            return answer()

        add(type("Servicer", (base,), {"Export": export})(), server)

    traces, logs, metrics = trace_service_pb2_grpc, logs_service_pb2_grpc, metrics_service_pb2_grpc
    serve(
        traces.TraceServiceServicer,
        traces.add_TraceServiceServicer_to_server,
        trace_service_pb2.ExportTraceServiceResponse,
    )
    serve(logs.LogsServiceServicer, logs.add_LogsServiceServicer_to_server, logs_service_pb2.ExportLogsServiceResponse)
    serve(
        metrics.MetricsServiceServicer,
        metrics.add_MetricsServiceServicer_to_server,
        metrics_service_pb2.ExportMetricsServiceResponse,
    )
    stand_in.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield stand_in
    finally:
        server.stop(1).wait()
