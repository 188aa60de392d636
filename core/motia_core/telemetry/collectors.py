"""Collectors of OpenTelemetry, and the two ways to reach one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import grpc
import httpx
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from motia_core.settings import OtlpSettings

Request = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest
Response = ExportTraceServiceResponse | ExportLogsServiceResponse | ExportMetricsServiceResponse

RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})  # these, and no others, as OTLP says
RETRYABLE_CODES = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)


class Service(NamedTuple):
    """Who takes a request."""

    path: str  # over HTTP
    method: str  # over gRPC
    answer: type[Response]


PACKAGE = "/opentelemetry.proto.collector"
SERVICES: Mapping[type[Request], Service] = {
    ExportTraceServiceRequest: Service(
        "/v1/traces", f"{PACKAGE}.trace.v1.TraceService/Export", ExportTraceServiceResponse
    ),
    ExportLogsServiceRequest: Service("/v1/logs", f"{PACKAGE}.logs.v1.LogsService/Export", ExportLogsServiceResponse),
    ExportMetricsServiceRequest: Service(
        "/v1/metrics", f"{PACKAGE}.metrics.v1.MetricsService/Export", ExportMetricsServiceResponse
    ),
}


class RefusedError(Exception):
    """The collector does not want this, now or later."""


class UnreachableError(Exception):
    """It can be sent again later.

    Args:
        after_s: When the collector wants it; 0: it did not say.
    """

    def __init__(self, why: str, after_s: float = 0) -> None:
        super().__init__(why)
        self.after_s = after_s


class Collector(Protocol):
    """Takes what is exported."""

    async def send(self, request: Request) -> str:
        """Hand over a request; what the collector has left out, in its words, or "".

        Raises:
            RefusedError, UnreachableError: It has not taken it.
        """
        ...

    async def close(self) -> None:
        """End the connection."""
        ...


class HttpCollector:
    """Protobuf over HTTP."""

    def __init__(self, settings: OtlpSettings) -> None:
        headers = {**settings.headers, "content-type": "application/x-protobuf"}
        self._base = (settings.endpoint or "").rstrip("/")
        self._client = httpx.AsyncClient(headers=headers, timeout=settings.timeout_ms / 1000)

    async def send(self, request: Request) -> str:
        """See `Collector.send`."""
        try:
            answer = await self._client.post(
                self._base + SERVICES[type(request)].path, content=request.SerializeToString()
            )
        except httpx.HTTPError as error:
            raise UnreachableError(str(error) or type(error).__name__) from error
        if answer.status_code in RETRYABLE_STATUSES:
            after = answer.headers.get("retry-after", "")
            raise UnreachableError(f"it answers with {answer.status_code}", int(after) if after.isdecimal() else 0)
        if not answer.is_success:
            raise RefusedError(f"it answers with {answer.status_code} {answer.text[:200]}".rstrip())
        try:
            return _left_out(SERVICES[type(request)].answer.FromString(answer.content))
        except DecodeError:
            return ""  # it was a success all the same

    async def close(self) -> None:
        """See `Collector.close`."""
        await self._client.aclose()


class GrpcCollector:
    """gRPC."""

    def __init__(self, settings: OtlpSettings) -> None:
        address = urlsplit(settings.endpoint or "")
        if address.scheme == "https":
            self._channel = grpc.aio.secure_channel(address.netloc, grpc.ssl_channel_credentials())
        else:
            self._channel = grpc.aio.insecure_channel(address.netloc)
        self._timeout_s = settings.timeout_ms / 1000
        self._metadata = tuple((name.lower(), text) for name, text in settings.headers.items())
        self._export = {kind: self._method(service) for kind, service in SERVICES.items()}

    def _method(self, service: Service) -> grpc.aio.UnaryUnaryMultiCallable[Request, Response]:
        return self._channel.unary_unary(
            service.method,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=service.answer.FromString,
        )

    async def send(self, request: Request) -> str:
        """See `Collector.send`."""
        try:
            export = self._export[type(request)]
            return _left_out(await export(request, timeout=self._timeout_s, metadata=self._metadata))
        except grpc.aio.AioRpcError as error:
            why = f"{error.code().name} {error.details() or ''}".rstrip()
            raise (UnreachableError if error.code() in RETRYABLE_CODES else RefusedError)(why) from error

    async def close(self) -> None:
        """See `Collector.close`."""
        await self._channel.close()


def _left_out(answer: Response) -> str:
    return answer.partial_success.error_message


def collector(settings: OtlpSettings) -> Collector:
    """The collector that the settings name."""
    return GrpcCollector(settings) if settings.protocol == "grpc" else HttpCollector(settings)
