"""Why a file could not be loaded: the exception as a FileError with one line, file and line."""

from __future__ import annotations

import traceback
from pathlib import Path

from motia._gen.motia.v1 import manifest_pb2
from motia.failure import MAX_MESSAGE_BYTES, message_of, safe_text, stack_of
from motia.modules import Modules

RESOLVE = manifest_pb2.LOAD_PHASE_RESOLVE
COMPILE = manifest_pb2.LOAD_PHASE_COMPILE
IMPORT = manifest_pb2.LOAD_PHASE_IMPORT
CONFIG = manifest_pb2.LOAD_PHASE_CONFIG
NOT_THE_USERS = {"site-packages", "dist-packages"}


class ConfigError(Exception):
    """A file was imported but has no usable config.

    Args:
        line: Where in the file; 0: where its `config` is.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def file_error(path: str, error: BaseException, modules: Modules, config_line: int = 0) -> manifest_pb2.FileError:
    """Describe what went wrong with one file."""
    fault = manifest_pb2.FileError(path=path, file=path)
    if isinstance(error, ConfigError):
        fault.phase, fault.message, fault.line = CONFIG, one_line(str(error)), error.line or config_line
        return fault
    fault.stack = _stack(error)
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        fault.phase = COMPILE
        fault.message = one_line(f"{type(error).__name__}: {error.msg}")
        fault.file = _relative(error.filename, modules.root)
        fault.line, fault.column = max(0, error.lineno or 0), max(0, error.offset or 0)
        return fault
    fault.phase = IMPORT
    fault.message = _cause(error)
    if isinstance(error, ModuleNotFoundError):
        fault.phase = RESOLVE
        fault.missing_module = safe_text(modules.written_name(error.name or ""), 1024)
        fault.message = one_line(f"No module named {fault.missing_module!r}" if error.name else str(error))
    elif isinstance(error, FileNotFoundError) and error.filename == str(modules.root / path):
        fault.phase, fault.message = RESOLVE, "the file is gone"
    _locate(fault, error, modules.root)
    return fault


def _cause(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"called sys.exit({'' if error.code is None else error.code}) while loading"
    if isinstance(error, KeyboardInterrupt):
        return "raised KeyboardInterrupt while loading"
    message = message_of(error)
    return one_line(f"{type(error).__name__}: {message}" if message else type(error).__name__)


def one_line(text: str) -> str:
    """The first line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return safe_text(lines[0] if lines else "", MAX_MESSAGE_BYTES)


def _locate(fault: manifest_pb2.FileError, error: BaseException, root: Path) -> None:
    """The last place in the user's own files that the exception passed."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(root) and not NOT_THE_USERS & set(file.parts):
            fault.file, fault.line = file.relative_to(root).as_posix(), frame.lineno or 0
            return


def _stack(error: BaseException) -> str:
    # The import machinery stands between the user's files; it says nothing.
    lines = stack_of(error).splitlines(keepends=True)
    return "".join(line for line in lines if "<frozen importlib" not in line)


def _relative(file_name: str, root: Path) -> str:
    file = Path(file_name)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file_name
