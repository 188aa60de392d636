from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FileKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FILE_KIND_UNSPECIFIED: _ClassVar[FileKind]
    FILE_KIND_STEP: _ClassVar[FileKind]
    FILE_KIND_STREAM: _ClassVar[FileKind]

class LoadPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOAD_PHASE_UNSPECIFIED: _ClassVar[LoadPhase]
    LOAD_PHASE_RESOLVE: _ClassVar[LoadPhase]
    LOAD_PHASE_COMPILE: _ClassVar[LoadPhase]
    LOAD_PHASE_IMPORT: _ClassVar[LoadPhase]
    LOAD_PHASE_CONFIG: _ClassVar[LoadPhase]
FILE_KIND_UNSPECIFIED: FileKind
FILE_KIND_STEP: FileKind
FILE_KIND_STREAM: FileKind
LOAD_PHASE_UNSPECIFIED: LoadPhase
LOAD_PHASE_RESOLVE: LoadPhase
LOAD_PHASE_COMPILE: LoadPhase
LOAD_PHASE_IMPORT: LoadPhase
LOAD_PHASE_CONFIG: LoadPhase

class SourceFile(_message.Message):
    __slots__ = ("path", "kind")
    PATH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    path: str
    kind: FileKind
    def __init__(self, path: _Optional[str] = ..., kind: _Optional[_Union[FileKind, str]] = ...) -> None: ...

class Load(_message.Message):
    __slots__ = ("project_root", "files", "digest", "config_file", "verify")
    PROJECT_ROOT_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FILE_FIELD_NUMBER: _ClassVar[int]
    VERIFY_FIELD_NUMBER: _ClassVar[int]
    project_root: str
    files: _containers.RepeatedCompositeFieldContainer[SourceFile]
    digest: str
    config_file: str
    verify: bool
    def __init__(self, project_root: _Optional[str] = ..., files: _Optional[_Iterable[_Union[SourceFile, _Mapping]]] = ..., digest: _Optional[str] = ..., config_file: _Optional[str] = ..., verify: bool = ...) -> None: ...

class Warm(_message.Message):
    __slots__ = ("packages",)
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    packages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, packages: _Optional[_Iterable[str]] = ...) -> None: ...

class Warmed(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Imported(_message.Message):
    __slots__ = ("files", "packages")
    FILES_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedScalarFieldContainer[str]
    packages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, files: _Optional[_Iterable[str]] = ..., packages: _Optional[_Iterable[str]] = ...) -> None: ...

class Loading(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class LoadingAck(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class Manifest(_message.Message):
    __slots__ = ("digest", "steps", "streams", "errors", "config")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    digest: str
    steps: _containers.RepeatedCompositeFieldContainer[StepDefinition]
    streams: _containers.RepeatedCompositeFieldContainer[StreamDefinition]
    errors: _containers.RepeatedCompositeFieldContainer[FileError]
    config: ProjectConfig
    def __init__(self, digest: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[StepDefinition, _Mapping]]] = ..., streams: _Optional[_Iterable[_Union[StreamDefinition, _Mapping]]] = ..., errors: _Optional[_Iterable[_Union[FileError, _Mapping]]] = ..., config: _Optional[_Union[ProjectConfig, _Mapping]] = ...) -> None: ...

class ProjectConfig(_message.Message):
    __slots__ = ("path", "app_hook", "warnings", "has_middleware", "has_stream_auth")
    PATH_FIELD_NUMBER: _ClassVar[int]
    APP_HOOK_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    HAS_MIDDLEWARE_FIELD_NUMBER: _ClassVar[int]
    HAS_STREAM_AUTH_FIELD_NUMBER: _ClassVar[int]
    path: str
    app_hook: AppHook
    warnings: _containers.RepeatedScalarFieldContainer[str]
    has_middleware: bool
    has_stream_auth: bool
    def __init__(self, path: _Optional[str] = ..., app_hook: _Optional[_Union[AppHook, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ..., has_middleware: bool = ..., has_stream_auth: bool = ...) -> None: ...

class AppHook(_message.Message):
    __slots__ = ("address",)
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    address: str
    def __init__(self, address: _Optional[str] = ...) -> None: ...

class StepDefinition(_message.Message):
    __slots__ = ("path", "config", "has_handler", "middleware_count", "line", "warnings", "key", "trigger")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    HAS_HANDLER_FIELD_NUMBER: _ClassVar[int]
    MIDDLEWARE_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    path: str
    config: bytes
    has_handler: bool
    middleware_count: int
    line: int
    warnings: _containers.RepeatedScalarFieldContainer[str]
    key: str
    trigger: int
    def __init__(self, path: _Optional[str] = ..., config: _Optional[bytes] = ..., has_handler: bool = ..., middleware_count: _Optional[int] = ..., line: _Optional[int] = ..., warnings: _Optional[_Iterable[str]] = ..., key: _Optional[str] = ..., trigger: _Optional[int] = ...) -> None: ...

class StreamDefinition(_message.Message):
    __slots__ = ("path", "config", "has_can_access", "warnings", "has_can_send", "has_on_join", "has_on_leave")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    HAS_CAN_ACCESS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    HAS_CAN_SEND_FIELD_NUMBER: _ClassVar[int]
    HAS_ON_JOIN_FIELD_NUMBER: _ClassVar[int]
    HAS_ON_LEAVE_FIELD_NUMBER: _ClassVar[int]
    path: str
    config: bytes
    has_can_access: bool
    warnings: _containers.RepeatedScalarFieldContainer[str]
    has_can_send: bool
    has_on_join: bool
    has_on_leave: bool
    def __init__(self, path: _Optional[str] = ..., config: _Optional[bytes] = ..., has_can_access: bool = ..., warnings: _Optional[_Iterable[str]] = ..., has_can_send: bool = ..., has_on_join: bool = ..., has_on_leave: bool = ...) -> None: ...

class FileError(_message.Message):
    __slots__ = ("path", "phase", "message", "stack", "file", "line", "column", "missing_module")
    PATH_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    MISSING_MODULE_FIELD_NUMBER: _ClassVar[int]
    path: str
    phase: LoadPhase
    message: str
    stack: str
    file: str
    line: int
    column: int
    missing_module: str
    def __init__(self, path: _Optional[str] = ..., phase: _Optional[_Union[LoadPhase, str]] = ..., message: _Optional[str] = ..., stack: _Optional[str] = ..., file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., missing_module: _Optional[str] = ...) -> None: ...

class Project(_message.Message):
    __slots__ = ("stream_names",)
    STREAM_NAMES_FIELD_NUMBER: _ClassVar[int]
    stream_names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stream_names: _Optional[_Iterable[str]] = ...) -> None: ...
