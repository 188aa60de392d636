from motia_core._gen.motia.v1 import failure_pb2 as _failure_pb2
from motia_core._gen.motia.v1 import lifecycle_pb2 as _lifecycle_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BodyFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BODY_FORMAT_UNSPECIFIED: _ClassVar[BodyFormat]
    BODY_FORMAT_JSON: _ClassVar[BodyFormat]
    BODY_FORMAT_TEXT: _ClassVar[BodyFormat]
    BODY_FORMAT_BINARY: _ClassVar[BodyFormat]
    BODY_FORMAT_MULTIPART: _ClassVar[BodyFormat]

class SocketEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOCKET_EVENT_KIND_UNSPECIFIED: _ClassVar[SocketEventKind]
    SOCKET_EVENT_KIND_CONNECT: _ClassVar[SocketEventKind]
    SOCKET_EVENT_KIND_MESSAGE: _ClassVar[SocketEventKind]
    SOCKET_EVENT_KIND_CLOSE: _ClassVar[SocketEventKind]

class StreamHookKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STREAM_HOOK_KIND_UNSPECIFIED: _ClassVar[StreamHookKind]
    STREAM_HOOK_KIND_AUTHENTICATE: _ClassVar[StreamHookKind]
    STREAM_HOOK_KIND_CAN_ACCESS: _ClassVar[StreamHookKind]
    STREAM_HOOK_KIND_CAN_SEND: _ClassVar[StreamHookKind]
    STREAM_HOOK_KIND_JOIN: _ClassVar[StreamHookKind]
    STREAM_HOOK_KIND_LEAVE: _ClassVar[StreamHookKind]

class BodyKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BODY_KIND_UNSPECIFIED: _ClassVar[BodyKind]
    BODY_KIND_JSON: _ClassVar[BodyKind]
    BODY_KIND_TEXT: _ClassVar[BodyKind]
    BODY_KIND_BINARY: _ClassVar[BodyKind]

class CancelReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_REASON_UNSPECIFIED: _ClassVar[CancelReason]
    CANCEL_REASON_TIMEOUT: _ClassVar[CancelReason]
    CANCEL_REASON_CLIENT_GONE: _ClassVar[CancelReason]
    CANCEL_REASON_USER: _ClassVar[CancelReason]
    CANCEL_REASON_SHUTDOWN: _ClassVar[CancelReason]
BODY_FORMAT_UNSPECIFIED: BodyFormat
BODY_FORMAT_JSON: BodyFormat
BODY_FORMAT_TEXT: BodyFormat
BODY_FORMAT_BINARY: BodyFormat
BODY_FORMAT_MULTIPART: BodyFormat
SOCKET_EVENT_KIND_UNSPECIFIED: SocketEventKind
SOCKET_EVENT_KIND_CONNECT: SocketEventKind
SOCKET_EVENT_KIND_MESSAGE: SocketEventKind
SOCKET_EVENT_KIND_CLOSE: SocketEventKind
STREAM_HOOK_KIND_UNSPECIFIED: StreamHookKind
STREAM_HOOK_KIND_AUTHENTICATE: StreamHookKind
STREAM_HOOK_KIND_CAN_ACCESS: StreamHookKind
STREAM_HOOK_KIND_CAN_SEND: StreamHookKind
STREAM_HOOK_KIND_JOIN: StreamHookKind
STREAM_HOOK_KIND_LEAVE: StreamHookKind
BODY_KIND_UNSPECIFIED: BodyKind
BODY_KIND_JSON: BodyKind
BODY_KIND_TEXT: BodyKind
BODY_KIND_BINARY: BodyKind
CANCEL_REASON_UNSPECIFIED: CancelReason
CANCEL_REASON_TIMEOUT: CancelReason
CANCEL_REASON_CLIENT_GONE: CancelReason
CANCEL_REASON_USER: CancelReason
CANCEL_REASON_SHUTDOWN: CancelReason

class Invoke(_message.Message):
    __slots__ = ("invocation_id", "lease_token", "attempt", "max_attempts", "step", "manifest_digest", "pool", "durable", "timeout_ms", "deadline_unix_ms", "trace_id", "traceparent", "tracestate", "baggage", "http", "event", "cron", "stream", "remembered")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    DURABLE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    TRACESTATE_FIELD_NUMBER: _ClassVar[int]
    BAGGAGE_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    CRON_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    REMEMBERED_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    lease_token: int
    attempt: int
    max_attempts: int
    step: str
    manifest_digest: str
    pool: _lifecycle_pb2.Pool
    durable: bool
    timeout_ms: int
    deadline_unix_ms: int
    trace_id: str
    traceparent: str
    tracestate: str
    baggage: str
    http: HttpRequest
    event: EventInput
    cron: CronTick
    stream: StreamHook
    remembered: _containers.RepeatedCompositeFieldContainer[Remembered]
    def __init__(self, invocation_id: _Optional[int] = ..., lease_token: _Optional[int] = ..., attempt: _Optional[int] = ..., max_attempts: _Optional[int] = ..., step: _Optional[str] = ..., manifest_digest: _Optional[str] = ..., pool: _Optional[_Union[_lifecycle_pb2.Pool, str]] = ..., durable: bool = ..., timeout_ms: _Optional[int] = ..., deadline_unix_ms: _Optional[int] = ..., trace_id: _Optional[str] = ..., traceparent: _Optional[str] = ..., tracestate: _Optional[str] = ..., baggage: _Optional[str] = ..., http: _Optional[_Union[HttpRequest, _Mapping]] = ..., event: _Optional[_Union[EventInput, _Mapping]] = ..., cron: _Optional[_Union[CronTick, _Mapping]] = ..., stream: _Optional[_Union[StreamHook, _Mapping]] = ..., remembered: _Optional[_Iterable[_Union[Remembered, _Mapping]]] = ...) -> None: ...

class Remembered(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: bytes
    def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class HttpRequest(_message.Message):
    __slots__ = ("method", "path", "path_params", "query_params", "headers", "body_format", "body", "raw_body", "path_values", "files", "socket")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PATH_PARAMS_FIELD_NUMBER: _ClassVar[int]
    QUERY_PARAMS_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FORMAT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    RAW_BODY_FIELD_NUMBER: _ClassVar[int]
    PATH_VALUES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    SOCKET_FIELD_NUMBER: _ClassVar[int]
    method: str
    path: str
    path_params: _containers.RepeatedScalarFieldContainer[str]
    query_params: bytes
    headers: _containers.RepeatedScalarFieldContainer[str]
    body_format: BodyFormat
    body: bytes
    raw_body: bytes
    path_values: bytes
    files: _containers.RepeatedCompositeFieldContainer[UploadedFile]
    socket: SocketEvent
    def __init__(self, method: _Optional[str] = ..., path: _Optional[str] = ..., path_params: _Optional[_Iterable[str]] = ..., query_params: _Optional[bytes] = ..., headers: _Optional[_Iterable[str]] = ..., body_format: _Optional[_Union[BodyFormat, str]] = ..., body: _Optional[bytes] = ..., raw_body: _Optional[bytes] = ..., path_values: _Optional[bytes] = ..., files: _Optional[_Iterable[_Union[UploadedFile, _Mapping]]] = ..., socket: _Optional[_Union[SocketEvent, _Mapping]] = ...) -> None: ...

class SocketEvent(_message.Message):
    __slots__ = ("kind", "connection_id", "code", "reason")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    kind: SocketEventKind
    connection_id: str
    code: int
    reason: str
    def __init__(self, kind: _Optional[_Union[SocketEventKind, str]] = ..., connection_id: _Optional[str] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class UploadedFile(_message.Message):
    __slots__ = ("field", "filename", "content_type", "size", "data", "path")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    field: str
    filename: str
    content_type: str
    size: int
    data: bytes
    path: str
    def __init__(self, field: _Optional[str] = ..., filename: _Optional[str] = ..., content_type: _Optional[str] = ..., size: _Optional[int] = ..., data: _Optional[bytes] = ..., path: _Optional[str] = ...) -> None: ...

class EventInput(_message.Message):
    __slots__ = ("topic", "data", "message_group_id", "emitted_unix_ms")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    EMITTED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    data: bytes
    message_group_id: str
    emitted_unix_ms: int
    def __init__(self, topic: _Optional[str] = ..., data: _Optional[bytes] = ..., message_group_id: _Optional[str] = ..., emitted_unix_ms: _Optional[int] = ...) -> None: ...

class CronTick(_message.Message):
    __slots__ = ("scheduled_unix_ms",)
    SCHEDULED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    scheduled_unix_ms: int
    def __init__(self, scheduled_unix_ms: _Optional[int] = ...) -> None: ...

class StreamHook(_message.Message):
    __slots__ = ("kind", "stream", "group_id", "id", "auth", "connection_id", "url", "headers", "message_type", "message_data")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_DATA_FIELD_NUMBER: _ClassVar[int]
    kind: StreamHookKind
    stream: str
    group_id: str
    id: str
    auth: bytes
    connection_id: str
    url: str
    headers: _containers.RepeatedScalarFieldContainer[str]
    message_type: str
    message_data: bytes
    def __init__(self, kind: _Optional[_Union[StreamHookKind, str]] = ..., stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ..., auth: _Optional[bytes] = ..., connection_id: _Optional[str] = ..., url: _Optional[str] = ..., headers: _Optional[_Iterable[str]] = ..., message_type: _Optional[str] = ..., message_data: _Optional[bytes] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("invocation_ids",)
    INVOCATION_IDS_FIELD_NUMBER: _ClassVar[int]
    invocation_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, invocation_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class Complete(_message.Message):
    __slots__ = ("invocation_id", "lease_token", "handler_us", "http", "done", "failure", "suspended", "answer")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HANDLER_US_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    lease_token: int
    handler_us: int
    http: HttpResponse
    done: Done
    failure: _failure_pb2.Failure
    suspended: Suspended
    answer: HookAnswer
    def __init__(self, invocation_id: _Optional[int] = ..., lease_token: _Optional[int] = ..., handler_us: _Optional[int] = ..., http: _Optional[_Union[HttpResponse, _Mapping]] = ..., done: _Optional[_Union[Done, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., suspended: _Optional[_Union[Suspended, _Mapping]] = ..., answer: _Optional[_Union[HookAnswer, _Mapping]] = ...) -> None: ...

class HookAnswer(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: bytes
    def __init__(self, value: _Optional[bytes] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Suspended(_message.Message):
    __slots__ = ("key", "sleep_ms", "wait_for")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SLEEP_MS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    key: str
    sleep_ms: int
    wait_for: WaitFor
    def __init__(self, key: _Optional[str] = ..., sleep_ms: _Optional[int] = ..., wait_for: _Optional[_Union[WaitFor, _Mapping]] = ...) -> None: ...

class WaitFor(_message.Message):
    __slots__ = ("topic", "match", "timeout_ms")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    MATCH_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    match: bytes
    timeout_ms: int
    def __init__(self, topic: _Optional[str] = ..., match: _Optional[bytes] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class HttpResponse(_message.Message):
    __slots__ = ("status", "headers", "body_kind", "body")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_KIND_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    status: int
    headers: _containers.RepeatedScalarFieldContainer[str]
    body_kind: BodyKind
    body: bytes
    def __init__(self, status: _Optional[int] = ..., headers: _Optional[_Iterable[str]] = ..., body_kind: _Optional[_Union[BodyKind, str]] = ..., body: _Optional[bytes] = ...) -> None: ...

class ResponseStart(_message.Message):
    __slots__ = ("invocation_id", "lease_token", "response")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    lease_token: int
    response: HttpResponse
    def __init__(self, invocation_id: _Optional[int] = ..., lease_token: _Optional[int] = ..., response: _Optional[_Union[HttpResponse, _Mapping]] = ...) -> None: ...

class ResponseChunk(_message.Message):
    __slots__ = ("invocation_id", "lease_token", "data")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    lease_token: int
    data: bytes
    def __init__(self, invocation_id: _Optional[int] = ..., lease_token: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class ChunkAck(_message.Message):
    __slots__ = ("invocation_id", "total_bytes")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    total_bytes: int
    def __init__(self, invocation_id: _Optional[int] = ..., total_bytes: _Optional[int] = ...) -> None: ...

class CompleteAck(_message.Message):
    __slots__ = ("invocation_ids",)
    INVOCATION_IDS_FIELD_NUMBER: _ClassVar[int]
    invocation_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, invocation_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("invocation_id", "reason", "grace_ms", "signal_only")
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ONLY_FIELD_NUMBER: _ClassVar[int]
    invocation_id: int
    reason: CancelReason
    grace_ms: int
    signal_only: bool
    def __init__(self, invocation_id: _Optional[int] = ..., reason: _Optional[_Union[CancelReason, str]] = ..., grace_ms: _Optional[int] = ..., signal_only: bool = ...) -> None: ...
