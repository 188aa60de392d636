"""What Python keeps of the project's files once they are compiled: nothing of a file that was saved just now.

Python tells by size and the second of the last change whether its bytecode is that of the file. One that is saved twice
within a second, as formatters do, would be loaded again as it was the first time.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from typing import Any

SETTLED_S = 2.0  # a second, and one for file systems that count in two


class ProjectFileLoader(SourceFileLoader):
    """Loads a source file."""

    def set_data(self, path: str, data: Any, **how: Any) -> None:
        """Keep bytecode."""
        if time.time() - os.stat(self.path).st_mtime > SETTLED_S:  # noqa: PTH116  # for each module: Path takes longer
            super().set_data(path, data, **how)


def keep_bytecode_of_settled_files(root: str) -> None:
    """From now on, for what is imported from a folder."""
    within = f"{root}{os.sep}"
    sys.path_hooks.insert(0, _hook(lambda folder: f"{os.path.realpath(folder)}{os.sep}".startswith(within)))
    sys.path_importer_cache.clear()


def _hook(is_ours: Callable[[str], bool]) -> Callable[[str], FileFinder]:
    find = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (ProjectFileLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )

    def hook(folder: str) -> FileFinder:
        if not is_ours(folder):
            raise ImportError("another finder's", path=folder)
        return find(folder)  # type: ignore[return-value]  # typeshed knows the protocol only

    return hook
