from motia_core._gen.motia.v1 import failure_pb2 as _failure_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Call(_message.Message):
    __slots__ = ("call_id", "invocation_id", "lease_token", "emit", "state_get", "state_set", "state_delete", "state_get_group", "state_clear", "stream_get", "stream_set", "stream_delete", "stream_get_group", "stream_send", "state_get_versioned", "state_update", "state_compare_and_set", "state_list", "remember", "socket_send", "socket_close", "stream_update", "stream_list", "state_groups", "stream_groups")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_GET_FIELD_NUMBER: _ClassVar[int]
    STATE_SET_FIELD_NUMBER: _ClassVar[int]
    STATE_DELETE_FIELD_NUMBER: _ClassVar[int]
    STATE_GET_GROUP_FIELD_NUMBER: _ClassVar[int]
    STATE_CLEAR_FIELD_NUMBER: _ClassVar[int]
    STREAM_GET_FIELD_NUMBER: _ClassVar[int]
    STREAM_SET_FIELD_NUMBER: _ClassVar[int]
    STREAM_DELETE_FIELD_NUMBER: _ClassVar[int]
    STREAM_GET_GROUP_FIELD_NUMBER: _ClassVar[int]
    STREAM_SEND_FIELD_NUMBER: _ClassVar[int]
    STATE_GET_VERSIONED_FIELD_NUMBER: _ClassVar[int]
    STATE_UPDATE_FIELD_NUMBER: _ClassVar[int]
    STATE_COMPARE_AND_SET_FIELD_NUMBER: _ClassVar[int]
    STATE_LIST_FIELD_NUMBER: _ClassVar[int]
    REMEMBER_FIELD_NUMBER: _ClassVar[int]
    SOCKET_SEND_FIELD_NUMBER: _ClassVar[int]
    SOCKET_CLOSE_FIELD_NUMBER: _ClassVar[int]
    STREAM_UPDATE_FIELD_NUMBER: _ClassVar[int]
    STREAM_LIST_FIELD_NUMBER: _ClassVar[int]
    STATE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    STREAM_GROUPS_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    invocation_id: int
    lease_token: int
    emit: Emit
    state_get: StateGet
    state_set: StateSet
    state_delete: StateDelete
    state_get_group: StateGetGroup
    state_clear: StateClear
    stream_get: StreamGet
    stream_set: StreamSet
    stream_delete: StreamDelete
    stream_get_group: StreamGetGroup
    stream_send: StreamSend
    state_get_versioned: StateGetVersioned
    state_update: StateUpdate
    state_compare_and_set: StateCompareAndSet
    state_list: StateList
    remember: Remember
    socket_send: SocketSend
    socket_close: SocketClose
    stream_update: StreamUpdate
    stream_list: StreamList
    state_groups: StateGroups
    stream_groups: StreamGroups
    def __init__(self, call_id: _Optional[int] = ..., invocation_id: _Optional[int] = ..., lease_token: _Optional[int] = ..., emit: _Optional[_Union[Emit, _Mapping]] = ..., state_get: _Optional[_Union[StateGet, _Mapping]] = ..., state_set: _Optional[_Union[StateSet, _Mapping]] = ..., state_delete: _Optional[_Union[StateDelete, _Mapping]] = ..., state_get_group: _Optional[_Union[StateGetGroup, _Mapping]] = ..., state_clear: _Optional[_Union[StateClear, _Mapping]] = ..., stream_get: _Optional[_Union[StreamGet, _Mapping]] = ..., stream_set: _Optional[_Union[StreamSet, _Mapping]] = ..., stream_delete: _Optional[_Union[StreamDelete, _Mapping]] = ..., stream_get_group: _Optional[_Union[StreamGetGroup, _Mapping]] = ..., stream_send: _Optional[_Union[StreamSend, _Mapping]] = ..., state_get_versioned: _Optional[_Union[StateGetVersioned, _Mapping]] = ..., state_update: _Optional[_Union[StateUpdate, _Mapping]] = ..., state_compare_and_set: _Optional[_Union[StateCompareAndSet, _Mapping]] = ..., state_list: _Optional[_Union[StateList, _Mapping]] = ..., remember: _Optional[_Union[Remember, _Mapping]] = ..., socket_send: _Optional[_Union[SocketSend, _Mapping]] = ..., socket_close: _Optional[_Union[SocketClose, _Mapping]] = ..., stream_update: _Optional[_Union[StreamUpdate, _Mapping]] = ..., stream_list: _Optional[_Union[StreamList, _Mapping]] = ..., state_groups: _Optional[_Union[StateGroups, _Mapping]] = ..., stream_groups: _Optional[_Union[StreamGroups, _Mapping]] = ...) -> None: ...

class CallReply(_message.Message):
    __slots__ = ("call_id", "value", "failure")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    value: bytes
    failure: _failure_pb2.Failure
    def __init__(self, call_id: _Optional[int] = ..., value: _Optional[bytes] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class Emit(_message.Message):
    __slots__ = ("topic", "data", "message_group_id", "delay_ms", "at_unix_ms", "idempotency_key", "idempotency_window_ms", "priority")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    AT_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    topic: str
    data: bytes
    message_group_id: str
    delay_ms: int
    at_unix_ms: int
    idempotency_key: str
    idempotency_window_ms: int
    priority: int
    def __init__(self, topic: _Optional[str] = ..., data: _Optional[bytes] = ..., message_group_id: _Optional[str] = ..., delay_ms: _Optional[int] = ..., at_unix_ms: _Optional[int] = ..., idempotency_key: _Optional[str] = ..., idempotency_window_ms: _Optional[int] = ..., priority: _Optional[int] = ...) -> None: ...

class StateGet(_message.Message):
    __slots__ = ("group_id", "key")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class StateSet(_message.Message):
    __slots__ = ("group_id", "key", "value", "ttl_ms")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    value: bytes
    ttl_ms: int
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[bytes] = ..., ttl_ms: _Optional[int] = ...) -> None: ...

class StateDelete(_message.Message):
    __slots__ = ("group_id", "key")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class StateGetGroup(_message.Message):
    __slots__ = ("group_id",)
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    def __init__(self, group_id: _Optional[str] = ...) -> None: ...

class StateClear(_message.Message):
    __slots__ = ("group_id",)
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    def __init__(self, group_id: _Optional[str] = ...) -> None: ...

class StreamGet(_message.Message):
    __slots__ = ("stream", "group_id", "id")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    id: str
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class StreamSet(_message.Message):
    __slots__ = ("stream", "group_id", "id", "data")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    id: str
    data: bytes
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class StreamDelete(_message.Message):
    __slots__ = ("stream", "group_id", "id")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    id: str
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class StreamGetGroup(_message.Message):
    __slots__ = ("stream", "group_id")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ...) -> None: ...

class StreamSend(_message.Message):
    __slots__ = ("stream", "group_id", "id", "type", "data")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    id: str
    type: str
    data: bytes
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ..., type: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class StateGetVersioned(_message.Message):
    __slots__ = ("group_id", "key")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class StateUpdate(_message.Message):
    __slots__ = ("group_id", "key", "operations")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    operations: bytes
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ..., operations: _Optional[bytes] = ...) -> None: ...

class StateCompareAndSet(_message.Message):
    __slots__ = ("group_id", "key", "expected_version", "value", "ttl_ms")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    key: str
    expected_version: int
    value: bytes
    ttl_ms: int
    def __init__(self, group_id: _Optional[str] = ..., key: _Optional[str] = ..., expected_version: _Optional[int] = ..., value: _Optional[bytes] = ..., ttl_ms: _Optional[int] = ...) -> None: ...

class StateList(_message.Message):
    __slots__ = ("group_id", "prefix", "cursor", "limit")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    prefix: str
    cursor: str
    limit: int
    def __init__(self, group_id: _Optional[str] = ..., prefix: _Optional[str] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class Remember(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: bytes
    def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class SocketSend(_message.Message):
    __slots__ = ("connection_id", "path", "data", "is_text", "excluded")
    CONNECTION_ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    IS_TEXT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_FIELD_NUMBER: _ClassVar[int]
    connection_id: str
    path: str
    data: bytes
    is_text: bool
    excluded: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, connection_id: _Optional[str] = ..., path: _Optional[str] = ..., data: _Optional[bytes] = ..., is_text: bool = ..., excluded: _Optional[_Iterable[str]] = ...) -> None: ...

class SocketClose(_message.Message):
    __slots__ = ("connection_id", "code", "reason")
    CONNECTION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    connection_id: str
    code: int
    reason: str
    def __init__(self, connection_id: _Optional[str] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class StreamUpdate(_message.Message):
    __slots__ = ("stream", "group_id", "id", "operations")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    id: str
    operations: bytes
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., id: _Optional[str] = ..., operations: _Optional[bytes] = ...) -> None: ...

class StreamList(_message.Message):
    __slots__ = ("stream", "group_id", "cursor", "limit")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    stream: str
    group_id: str
    cursor: str
    limit: int
    def __init__(self, stream: _Optional[str] = ..., group_id: _Optional[str] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class StateGroups(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamGroups(_message.Message):
    __slots__ = ("stream",)
    STREAM_FIELD_NUMBER: _ClassVar[int]
    stream: str
    def __init__(self, stream: _Optional[str] = ...) -> None: ...
