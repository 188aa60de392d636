"""A project as it was loaded: steps, streams, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from motia_core.model.step import Step
from motia_core.model.stream import Stream, StreamHookKind

Phase = Literal["discover", "resolve", "compile", "import", "config", "rules"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A discovered file."""

    path: str  # relative to the project root, forward slashes
    kind: Literal["step", "stream"]
    language: str  # "typescript" | "javascript" | "python" | "go" | "ruby" | that of another SDK
    group: str  # "node" | "python" | "go" | "ruby" | that of another SDK


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the author should know. An error keeps its file from running; a warning does not."""

    severity: Literal["error", "warning"]
    file: str
    phase: Phase
    cause: str  # one line
    line: int = 0  # from 1; 0: unknown
    step: str = ""  # name, when known
    remedy: str = ""  # one line: what to do
    stack: str = ""
    missing_module: str = ""  # phase resolve: the package or module, as the user wrote it


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found in a project's folders."""

    files: tuple[SourceFile, ...] = ()  # in registration order
    problems: tuple[Problem, ...] = ()

    def of_group(self, group: str) -> list[SourceFile]:
        """The files of a language group."""
        return [file for file in self.files if file.group == group]


@dataclass(frozen=True, slots=True)
class LoadedStep:
    """What a sidecar said about one step (StepDefinition in manifest.proto)."""

    path: str
    config: Mapping[str, object]
    has_handler: bool
    middleware_count: int = 0
    line: int = 0
    warnings: tuple[str, ...] = ()
    key: str = ""  # within its file; empty: the file's own `config` and `handler`
    trigger: int = 0  # which of config.triggers, from 1; 0: the config has none


@dataclass(frozen=True, slots=True)
class LoadedStream:
    """What a sidecar said about one stream file (StreamDefinition in manifest.proto)."""

    path: str
    config: Mapping[str, object]
    hooks: frozenset[StreamHookKind] = frozenset()  # the functions that it defines
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the sidecar of one language group made of its files."""

    steps: tuple[LoadedStep, ...] = ()
    streams: tuple[LoadedStream, ...] = ()
    problems: tuple[Problem, ...] = ()
    has_middleware: bool = False  # for all of the group's api steps, from the project's config
    app_hook: str = ""  # where the app of motia.config's `app` hook is served; empty: there is none
    has_stream_auth: bool = False  # the project's config says who may connect to streams


@dataclass(frozen=True, slots=True)
class Project:
    """A checked project. Steps and streams are in registration order (the order of the discovered files)."""

    steps: tuple[Step, ...] = ()
    streams: tuple[Stream, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[SourceFile, ...] = ()
    stream_auth: Step | None = None  # asks the config's streamAuth who wants to connect to streams
    kept: frozenset[str] = frozenset()  # language groups that go on as they were: what was saved since does not load
    closed_streams: str = ""  # why nobody may connect to streams; empty: some may
    awaits: str = ""  # why nothing of it is served yet; empty: it is

    @property
    def failed_steps(self) -> int:
        """How many steps cannot run. A file that does not load counts as one: nobody knows what else is in it."""
        files = {file.path for file in self.files if file.kind == "step"}
        return len({(one.file, one.step) for one in self.problems if one.severity == "error" and one.file in files})
