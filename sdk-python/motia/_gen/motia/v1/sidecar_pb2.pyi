from motia._gen.motia.v1 import call_pb2 as _call_pb2
from motia._gen.motia.v1 import failure_pb2 as _failure_pb2
from motia._gen.motia.v1 import invoke_pb2 as _invoke_pb2
from motia._gen.motia.v1 import lifecycle_pb2 as _lifecycle_pb2
from motia._gen.motia.v1 import manifest_pb2 as _manifest_pb2
from motia._gen.motia.v1 import telemetry_pb2 as _telemetry_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionRequest(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[SidecarFrame]
    def __init__(self, frames: _Optional[_Iterable[_Union[SidecarFrame, _Mapping]]] = ...) -> None: ...

class SessionResponse(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[CoreFrame]
    def __init__(self, frames: _Optional[_Iterable[_Union[CoreFrame, _Mapping]]] = ...) -> None: ...

class SidecarFrame(_message.Message):
    __slots__ = ("must_understand", "hello", "loading", "manifest", "credit", "accepted", "complete", "call", "heartbeat", "returned", "drained", "protocol_error", "response_start", "response_chunk", "imported", "warmed", "leaving")
    MUST_UNDERSTAND_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    LOADING_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_ERROR_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_START_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_CHUNK_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    WARMED_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    must_understand: bool
    hello: _lifecycle_pb2.Hello
    loading: _manifest_pb2.Loading
    manifest: _manifest_pb2.Manifest
    credit: _lifecycle_pb2.Credit
    accepted: _invoke_pb2.Accepted
    complete: _invoke_pb2.Complete
    call: _call_pb2.Call
    heartbeat: _lifecycle_pb2.Heartbeat
    returned: _lifecycle_pb2.Returned
    drained: _lifecycle_pb2.Drained
    protocol_error: _failure_pb2.ProtocolError
    response_start: _invoke_pb2.ResponseStart
    response_chunk: _invoke_pb2.ResponseChunk
    imported: _manifest_pb2.Imported
    warmed: _manifest_pb2.Warmed
    leaving: _lifecycle_pb2.Leaving
    def __init__(self, must_understand: bool = ..., hello: _Optional[_Union[_lifecycle_pb2.Hello, _Mapping]] = ..., loading: _Optional[_Union[_manifest_pb2.Loading, _Mapping]] = ..., manifest: _Optional[_Union[_manifest_pb2.Manifest, _Mapping]] = ..., credit: _Optional[_Union[_lifecycle_pb2.Credit, _Mapping]] = ..., accepted: _Optional[_Union[_invoke_pb2.Accepted, _Mapping]] = ..., complete: _Optional[_Union[_invoke_pb2.Complete, _Mapping]] = ..., call: _Optional[_Union[_call_pb2.Call, _Mapping]] = ..., heartbeat: _Optional[_Union[_lifecycle_pb2.Heartbeat, _Mapping]] = ..., returned: _Optional[_Union[_lifecycle_pb2.Returned, _Mapping]] = ..., drained: _Optional[_Union[_lifecycle_pb2.Drained, _Mapping]] = ..., protocol_error: _Optional[_Union[_failure_pb2.ProtocolError, _Mapping]] = ..., response_start: _Optional[_Union[_invoke_pb2.ResponseStart, _Mapping]] = ..., response_chunk: _Optional[_Union[_invoke_pb2.ResponseChunk, _Mapping]] = ..., imported: _Optional[_Union[_manifest_pb2.Imported, _Mapping]] = ..., warmed: _Optional[_Union[_manifest_pb2.Warmed, _Mapping]] = ..., leaving: _Optional[_Union[_lifecycle_pb2.Leaving, _Mapping]] = ...) -> None: ...

class CoreFrame(_message.Message):
    __slots__ = ("must_understand", "welcome", "load", "loading_ack", "invoke", "complete_ack", "call_reply", "cancel", "heartbeat_ack", "drain", "protocol_error", "project", "chunk_ack", "warm")
    MUST_UNDERSTAND_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    LOADING_ACK_FIELD_NUMBER: _ClassVar[int]
    INVOKE_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_ACK_FIELD_NUMBER: _ClassVar[int]
    CALL_REPLY_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_ACK_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_ERROR_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ACK_FIELD_NUMBER: _ClassVar[int]
    WARM_FIELD_NUMBER: _ClassVar[int]
    must_understand: bool
    welcome: _lifecycle_pb2.Welcome
    load: _manifest_pb2.Load
    loading_ack: _manifest_pb2.LoadingAck
    invoke: _invoke_pb2.Invoke
    complete_ack: _invoke_pb2.CompleteAck
    call_reply: _call_pb2.CallReply
    cancel: _invoke_pb2.Cancel
    heartbeat_ack: _lifecycle_pb2.HeartbeatAck
    drain: _lifecycle_pb2.Drain
    protocol_error: _failure_pb2.ProtocolError
    project: _manifest_pb2.Project
    chunk_ack: _invoke_pb2.ChunkAck
    warm: _manifest_pb2.Warm
    def __init__(self, must_understand: bool = ..., welcome: _Optional[_Union[_lifecycle_pb2.Welcome, _Mapping]] = ..., load: _Optional[_Union[_manifest_pb2.Load, _Mapping]] = ..., loading_ack: _Optional[_Union[_manifest_pb2.LoadingAck, _Mapping]] = ..., invoke: _Optional[_Union[_invoke_pb2.Invoke, _Mapping]] = ..., complete_ack: _Optional[_Union[_invoke_pb2.CompleteAck, _Mapping]] = ..., call_reply: _Optional[_Union[_call_pb2.CallReply, _Mapping]] = ..., cancel: _Optional[_Union[_invoke_pb2.Cancel, _Mapping]] = ..., heartbeat_ack: _Optional[_Union[_lifecycle_pb2.HeartbeatAck, _Mapping]] = ..., drain: _Optional[_Union[_lifecycle_pb2.Drain, _Mapping]] = ..., protocol_error: _Optional[_Union[_failure_pb2.ProtocolError, _Mapping]] = ..., project: _Optional[_Union[_manifest_pb2.Project, _Mapping]] = ..., chunk_ack: _Optional[_Union[_invoke_pb2.ChunkAck, _Mapping]] = ..., warm: _Optional[_Union[_manifest_pb2.Warm, _Mapping]] = ...) -> None: ...
