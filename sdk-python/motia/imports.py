"""What has been imported: the user's files, and the modules that a process could import ahead of time."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable

from motia._gen.motia.v1 import manifest_pb2


class Imports:
    """Looks at what there is in `sys.modules`. Made before anything of the project is imported: what is on `sys.path`
    then is installed, what comes from elsewhere is the user's."""

    def __init__(self) -> None:
        installed = {place for entry in sys.path if entry for place in (entry, os.path.realpath(entry))}
        self._installed = tuple(f"{folder}{os.sep}" for folder in installed)
        self._known = set(sys.modules)
        self._ahead: list[str] = []

    def ahead(self, names: Iterable[str]) -> None:
        """Import modules for what will need them; what cannot be imported is not, and will say so there."""
        self._ahead = list(names)
        for name in self._ahead:
            try:
                importlib.import_module(name)
            except BaseException:  # boundary: it is other people's code; the project's import will say what is wrong
                continue
        self._known.update(self._ahead)

    def take(self) -> manifest_pb2.Imported | None:
        """What is new since the last time. From any thread, one at a time."""
        modules = sys.modules.copy()
        new = [name for name in modules if name not in self._known]
        self._known.update(new)
        names, self._ahead = self._ahead, []
        found = manifest_pb2.Imported(packages=names)
        for name in new:
            file = getattr(modules[name], "__file__", None)
            if not isinstance(file, str):
                continue
            path = os.path.realpath(file)
            if path.startswith(self._installed) or file.startswith(self._installed):
                found.packages.append(name)
            else:
                found.files.append(path)
        return found if found.files or found.packages else None
