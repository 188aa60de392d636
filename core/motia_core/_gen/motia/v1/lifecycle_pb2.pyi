from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Validation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALIDATION_UNSPECIFIED: _ClassVar[Validation]
    VALIDATION_WARN: _ClassVar[Validation]
    VALIDATION_STRICT: _ClassVar[Validation]

class Pool(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POOL_UNSPECIFIED: _ClassVar[Pool]
    POOL_API: _ClassVar[Pool]
    POOL_BACKGROUND: _ClassVar[Pool]
VALIDATION_UNSPECIFIED: Validation
VALIDATION_WARN: Validation
VALIDATION_STRICT: Validation
POOL_UNSPECIFIED: Pool
POOL_API: Pool
POOL_BACKGROUND: Pool

class Hello(_message.Message):
    __slots__ = ("token", "revisions", "sdk_name", "sdk_version", "language", "language_version", "pid", "capabilities", "resume_session_id", "name")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    SDK_NAME_FIELD_NUMBER: _ClassVar[int]
    SDK_VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    RESUME_SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    token: str
    revisions: _containers.RepeatedScalarFieldContainer[int]
    sdk_name: str
    sdk_version: str
    language: str
    language_version: str
    pid: int
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    resume_session_id: str
    name: str
    def __init__(self, token: _Optional[str] = ..., revisions: _Optional[_Iterable[int]] = ..., sdk_name: _Optional[str] = ..., sdk_version: _Optional[str] = ..., language: _Optional[str] = ..., language_version: _Optional[str] = ..., pid: _Optional[int] = ..., capabilities: _Optional[_Iterable[str]] = ..., resume_session_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("revision", "session_id", "resumed", "max_message_bytes", "max_payload_bytes", "heartbeat_interval_ms", "resume_window_ms", "capabilities", "api_slots", "background_slots", "validation", "chunk_window_bytes")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    RESUME_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    API_SLOTS_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_SLOTS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    CHUNK_WINDOW_BYTES_FIELD_NUMBER: _ClassVar[int]
    revision: int
    session_id: str
    resumed: bool
    max_message_bytes: int
    max_payload_bytes: int
    heartbeat_interval_ms: int
    resume_window_ms: int
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    api_slots: int
    background_slots: int
    validation: Validation
    chunk_window_bytes: int
    def __init__(self, revision: _Optional[int] = ..., session_id: _Optional[str] = ..., resumed: bool = ..., max_message_bytes: _Optional[int] = ..., max_payload_bytes: _Optional[int] = ..., heartbeat_interval_ms: _Optional[int] = ..., resume_window_ms: _Optional[int] = ..., capabilities: _Optional[_Iterable[str]] = ..., api_slots: _Optional[int] = ..., background_slots: _Optional[int] = ..., validation: _Optional[_Union[Validation, str]] = ..., chunk_window_bytes: _Optional[int] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("pool", "granted")
    POOL_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    pool: Pool
    granted: int
    def __init__(self, pool: _Optional[_Union[Pool, str]] = ..., granted: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("sequence", "loop_lag_ms", "memory_bytes", "in_flight")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOOP_LAG_MS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    loop_lag_ms: int
    memory_bytes: int
    in_flight: int
    def __init__(self, sequence: _Optional[int] = ..., loop_lag_ms: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., in_flight: _Optional[int] = ...) -> None: ...

class HeartbeatAck(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class Leaving(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Drain(_message.Message):
    __slots__ = ("grace_ms",)
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    grace_ms: int
    def __init__(self, grace_ms: _Optional[int] = ...) -> None: ...

class Returned(_message.Message):
    __slots__ = ("invocation_ids",)
    INVOCATION_IDS_FIELD_NUMBER: _ClassVar[int]
    invocation_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, invocation_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class Drained(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
