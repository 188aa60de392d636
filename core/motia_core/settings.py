"""All settings of the core with their defaults and units, on one screen. docs/configuration.md explains them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

KIB = 1024  # bytes
MIB = 1024 * KIB
SECONDS = 1000  # milliseconds
MINUTES = 60 * SECONDS
HOURS = 60 * MINUTES
DAYS = 24 * HOURS
ALL = "all"


@dataclass(frozen=True, slots=True)
class CorsSettings:
    """Which web pages may call. The defaults are what Motia 0.x sends."""

    allow_origins: tuple[str, ...] = ("*",)  # "https://app.example.com", "https://*.example.com"; empty: off
    allow_methods: tuple[str, ...] = ("*",)
    allow_headers: tuple[str, ...] = ("*",)
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = True
    allow_private_network: bool = True
    max_age_ms: int = 10 * MINUTES  # how long a browser may remember a preflight


@dataclass(frozen=True, slots=True)
class CompressionSettings:
    """Compressed responses."""

    encodings: tuple[Literal["gzip", "br", "zstd"], ...] = ()  # in order of preference; empty: none
    min_bytes: int = 1 * KIB  # smaller bodies are sent as they are
    types: tuple[str, ...] = ("text/*", "application/json", "application/*+json", "application/javascript",
                              "application/xml", "application/*+xml", "image/svg+xml")  # fmt: skip


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The public HTTP side."""

    host: str = "127.0.0.1"
    port: int = 3000
    server: Literal["auto", "uvicorn", "hypercorn"] = "auto"  # auto: hypercorn with TLS or http2, else uvicorn
    tls_cert: Path | None = None  # PEM; with tls_key switches TLS on
    tls_key: Path | None = None
    http2: bool = False  # HTTP/2 without TLS (h2c) as well; with TLS it is negotiated anyway
    max_body_bytes: int = 10 * MIB
    max_upload_bytes: int = 256 * MIB  # of a multipart body
    upload_memory_bytes: int = 1 * MIB  # files of one request beyond that go to disk
    max_sockets: int = 10_000  # WebSocket connections at once
    max_message_bytes: int = 1 * MIB  # of a WebSocket client
    max_url_bytes: int = 16 * KIB  # path and query
    max_header_bytes: int = 64 * KIB  # request line and all headers
    max_headers: int = 256
    max_connections: int | None = None  # default: what the limit of open files allows
    header_timeout_ms: int = 30 * SECONDS  # from the first byte of a request to the end of its headers
    body_timeout_ms: int = 30 * SECONDS  # in each such time 4 KiB of a body must come
    keep_alive_ms: int = 65 * SECONDS  # without a request; longer than the 60 s of common load balancers
    etags: bool = True
    static: dict[str, Path] = field(default_factory=dict)  # URL path to folder
    static_max_age_ms: int = 0  # how long browsers may keep static files without asking
    admin_token: str | None = None  # required for /__motia when host is not loopback
    cors: CorsSettings = field(default_factory=CorsSettings)
    compression: CompressionSettings = field(default_factory=CompressionSettings)


@dataclass(frozen=True, slots=True)
class SidecarSettings:
    """Language processes."""

    processes: dict[str, int] = field(default_factory=dict)  # per language group ("node", "python", "go"); default 1
    sdks: tuple[Path, ...] = ()  # folders of SDKs for more languages, each with an sdk.toml
    max_extra_processes: int = 2  # started beside processes that are busy, per language
    api_slots: int = 1024  # attempts of api steps at once, per process
    background_slots: int = 256  # attempts of events and cron ticks at once, per process
    heartbeat_interval_ms: int = 1 * SECONDS
    busy_after_ms: int = 3 * SECONDS  # no heartbeat for so long: no new work
    resume_window_ms: int = 5 * SECONDS  # how long a lost session can be resumed
    import_timeout_ms: int = 30 * SECONDS  # per file
    start_timeout_ms: int = 20 * SECONDS  # from process start to Hello
    cancel_grace_ms: int = 5 * SECONDS  # from Cancel to the end of the attempt
    listen: str | None = None  # HOST:PORT: accept sidecars over TCP as well
    external: tuple[str, ...] = ()  # language groups whose sidecars attach there instead of being launched; or "all"
    token: str | None = None  # the secret that external sidecars show
    token_file: Path | None = None  # a file with it
    tls_cert: Path | None = None  # PEM; with tls_key: external sidecars attach over TLS
    tls_key: Path | None = None
    tls_client_ca: Path | None = None  # PEM: they must show a certificate that one of these has signed
    lost_after_ms: int = 30 * SECONDS  # nothing was heard from an external sidecar for so long: what it runs is lost
    allow_insecure_tcp: bool = False  # let them attach over plain TCP from other hosts
    python: Path | None = None  # interpreter for Python steps; default: the project's environment
    node: Path | None = None  # node executable; default: the one on PATH

    def launches(self, group: str) -> bool:
        """Whether the core launches the sidecars of a language group itself."""
        return not {ALL, group}.intersection(self.external)

    def all_launched(self) -> SidecarSettings:
        """These, for a core that serves for a moment only, perhaps beside one that others attach to."""
        return replace(self, external=(), listen=None)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Durable events. A step's own queue section comes first."""

    max_retries: int = 3
    backoff: Literal["fixed", "exponential"] = "fixed"  # exponential: doubles with every attempt
    retry_delay_ms: int = 2 * SECONDS  # after the first attempt
    max_retry_delay_ms: int = 1 * HOURS  # of exponential backoff
    retry_jitter_percent: int = 0  # the part of a delay that is random
    concurrency: int = 10  # per step
    window: int = 2_000  # deliveries of one step held in memory; the rest stays in the store
    idempotency_window_ms: int = 1 * DAYS  # how long idempotency keys are remembered
    signal_retention_ms: int = 7 * DAYS  # how long an event is kept for handlers that will wait for it


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where data lives."""

    url: str | None = None  # postgresql://…: the database that cores share; default: SQLite in data_dir
    lease_ms: int = 10 * SECONDS  # a core that shares a database and is silent for so long loses its work to others
    durability: Literal["full", "fast"] = "full"  # full: fsync before an emit is acknowledged
    max_dead_letters: int = 100_000  # kept
    max_dead_letter_age_ms: int = 30 * DAYS  # age of dead letters kept


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What clients of streams may do, and what is kept for them."""

    resume_window_ms: int = 5 * MINUTES  # a client that was away for no longer gets what it missed, and not all again
    max_changes: int = 100_000  # kept for that
    max_subscriptions: int = 1_000  # per connection
    max_frames_per_s: int = 100  # from one connection; twice as many at once
    max_waiting_bytes: int = 1 * MIB  # for a client that does not read; then its connection is closed


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """Schemas of steps."""

    mode: Literal["strict", "warn", "off"] = "warn"  # strict: what violates a schema is refused; warn: logged
    responses: Literal["strict", "warn", "off"] = "warn"  # the same for the bodies of responses


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """What is recorded of runs, and how long it is kept."""

    record: Literal["all", "attempts", "off"] = "all"  # attempts: without inputs, outputs and calls
    max_attempts: int = 200_000  # kept
    max_logs: int = 200_000  # log records kept
    max_age_ms: int = 3 * DAYS  # of both
    max_bytes: int = 1024 * MIB  # of traces.db
    max_payload_bytes: int = 8 * KIB  # of one input, output or value; what is longer is cut
    max_calls: int = 100  # of one attempt
    redact: tuple[str, ...] = ("authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key")  # headers


@dataclass(frozen=True, slots=True)
class OtlpSettings:
    """Export to an OpenTelemetry collector, of what is recorded."""

    endpoint: str | None = None  # "http://127.0.0.1:4318", with grpc "http://127.0.0.1:4317"; default: no export
    protocol: Literal["http/protobuf", "grpc"] = "http/protobuf"
    signals: tuple[Literal["traces", "logs", "metrics"], ...] = ("traces", "logs", "metrics")
    headers: dict[str, str] = field(default_factory=dict)  # sent along, such as authorization
    service_name: str | None = None  # default: the name of the project
    resource: dict[str, str] = field(default_factory=dict)  # more attributes of the resource
    sample_percent: int = 100  # of the runs that begin here; what continues a trace does as that was decided
    interval_ms: int = 15 * SECONDS  # between two exports of metrics
    timeout_ms: int = 10 * SECONDS  # of one request to the collector
    max_waiting: int = 20_000  # spans or log records, for a collector that does not answer; the oldest go first


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything."""

    project: Path = field(default_factory=Path.cwd)
    data_dir: Path = Path(".motia-core")  # relative to the project
    max_payload_bytes: int = 16 * MIB  # event data, state values and bodies in one frame
    drain_grace_ms: int = 30 * SECONDS
    cron_enabled: bool = True
    reload: bool = False  # serve files as they are saved; `motia-core dev` sets it
    default_timeout_ms: int = 15 * MINUTES  # the lease: an attempt without a limit of its own ends after this
    http: HttpSettings = field(default_factory=HttpSettings)
    sidecars: SidecarSettings = field(default_factory=SidecarSettings)
    queue: QueueSettings = field(default_factory=QueueSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    streams: StreamSettings = field(default_factory=StreamSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    otlp: OtlpSettings = field(default_factory=OtlpSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
