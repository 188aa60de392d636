"""What has been imported: the user's files, and the modules that a process could import ahead of time."""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from collections.abc import Iterable

from motia._gen.motia.v1 import manifest_pb2

LIBRARIES = ("stdlib", "platstdlib")
PACKAGES = ("/site-packages/", "/dist-packages/")  # of any environment; Debian has the second name


class Imports:
    """Looks at what there is in `sys.modules`. Made before anything of the project is imported.

    Installed is the standard library, what package managers install, and what we bring along; the rest is the user's,
    also where it is on `sys.path` (`pip install -e .` puts `<project>/src` there).
    """

    def __init__(self, transport_path: str = "") -> None:
        """Args: transport_path: Where grpc and protobuf of the core are, if they are used; links to them."""
        folders = [*(sysconfig.get_path(name) for name in LIBRARIES), os.path.dirname(__file__), transport_path]  # noqa: PTH120
        places = {place for folder in folders if folder for place in (folder, os.path.realpath(folder))}
        self._installed = tuple(f"{place}{os.sep}" for place in places)
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
            if self._is_installed(file) or self._is_installed(path):
                found.packages.append(name)
            else:
                found.files.append(path)
        return found if found.files or found.packages else None

    def _is_installed(self, file: str) -> bool:
        return file.startswith(self._installed) or any(folder in file for folder in PACKAGES)
