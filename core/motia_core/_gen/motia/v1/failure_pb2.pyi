from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FailureKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_KIND_UNSPECIFIED: _ClassVar[FailureKind]
    FAILURE_KIND_APPLICATION: _ClassVar[FailureKind]
    FAILURE_KIND_TIMEOUT: _ClassVar[FailureKind]
    FAILURE_KIND_CANCELLED: _ClassVar[FailureKind]
    FAILURE_KIND_SIDECAR_LOST: _ClassVar[FailureKind]
    FAILURE_KIND_LOAD_ERROR: _ClassVar[FailureKind]
    FAILURE_KIND_SCHEMA: _ClassVar[FailureKind]
    FAILURE_KIND_PAYLOAD_TOO_LARGE: _ClassVar[FailureKind]
    FAILURE_KIND_INTERNAL: _ClassVar[FailureKind]
    FAILURE_KIND_BAD_RESULT: _ClassVar[FailureKind]
    FAILURE_KIND_CONFLICT: _ClassVar[FailureKind]

class Retry(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETRY_UNSPECIFIED: _ClassVar[Retry]
    RETRY_AFTER: _ClassVar[Retry]
    RETRY_NEVER: _ClassVar[Retry]

class ProtocolErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROTOCOL_ERROR_CODE_UNSPECIFIED: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_REVISION: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_TOKEN: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_INVALID_FRAME: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_TIMEOUT: _ClassVar[ProtocolErrorCode]
    PROTOCOL_ERROR_CODE_DIGEST: _ClassVar[ProtocolErrorCode]
FAILURE_KIND_UNSPECIFIED: FailureKind
FAILURE_KIND_APPLICATION: FailureKind
FAILURE_KIND_TIMEOUT: FailureKind
FAILURE_KIND_CANCELLED: FailureKind
FAILURE_KIND_SIDECAR_LOST: FailureKind
FAILURE_KIND_LOAD_ERROR: FailureKind
FAILURE_KIND_SCHEMA: FailureKind
FAILURE_KIND_PAYLOAD_TOO_LARGE: FailureKind
FAILURE_KIND_INTERNAL: FailureKind
FAILURE_KIND_BAD_RESULT: FailureKind
FAILURE_KIND_CONFLICT: FailureKind
RETRY_UNSPECIFIED: Retry
RETRY_AFTER: Retry
RETRY_NEVER: Retry
PROTOCOL_ERROR_CODE_UNSPECIFIED: ProtocolErrorCode
PROTOCOL_ERROR_CODE_REVISION: ProtocolErrorCode
PROTOCOL_ERROR_CODE_TOKEN: ProtocolErrorCode
PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME: ProtocolErrorCode
PROTOCOL_ERROR_CODE_INVALID_FRAME: ProtocolErrorCode
PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD: ProtocolErrorCode
PROTOCOL_ERROR_CODE_TIMEOUT: ProtocolErrorCode
PROTOCOL_ERROR_CODE_DIGEST: ProtocolErrorCode

class Failure(_message.Message):
    __slots__ = ("kind", "type", "message", "stack", "language", "retry", "retry_after_ms", "details", "cause")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    kind: FailureKind
    type: str
    message: str
    stack: str
    language: str
    retry: Retry
    retry_after_ms: int
    details: bytes
    cause: Failure
    def __init__(self, kind: _Optional[_Union[FailureKind, str]] = ..., type: _Optional[str] = ..., message: _Optional[str] = ..., stack: _Optional[str] = ..., language: _Optional[str] = ..., retry: _Optional[_Union[Retry, str]] = ..., retry_after_ms: _Optional[int] = ..., details: _Optional[bytes] = ..., cause: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class ProtocolError(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: ProtocolErrorCode
    message: str
    def __init__(self, code: _Optional[_Union[ProtocolErrorCode, str]] = ..., message: _Optional[str] = ...) -> None: ...
