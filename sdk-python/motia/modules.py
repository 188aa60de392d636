"""Imports a file by its path, under a name derived from it; so imports work whatever the project's files are called."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from motia.bytecode import ProjectFileLoader, keep_bytecode_of_settled_files


class Modules:
    """The modules of one project.

    Names start with the project folder's name, as in Motia 0.17: `shop.steps.orders.create_step`. So relative
    imports reach everything in the project. The folder itself and its parent are on sys.path, so that
    `from src.x import y` and `from shop.src.x import y` work as well.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = self._free_name(root.name)

    def prepare(self) -> None:
        """Make the project's imports work. Called once, before the first import."""
        root, parent = str(self.root), str(self.root.parent)
        sys.path[:] = [root, *(entry for entry in sys.path if entry not in (root, ""))]
        if parent not in sys.path:
            sys.path.append(parent)
        keep_bytecode_of_settled_files(root)
        self._package(self._prefix, self.root)

    def load(self, path: str) -> ModuleType:
        """Import a file, by its path relative to the root. Raises whatever its code raises."""
        os.chdir(self.root)  # a file before may have gone elsewhere
        file = self.root / path
        *folders, name = path.split("/")
        package, folder = self._prefix, self.root
        for part in folders:
            package, folder = f"{package}.{part.replace('.', '_')}", folder / part
            self._package(package, folder)
        return _execute(self._module_name(package, name, file), file, None)

    def written_name(self, name: str) -> str:
        """A module's name without the prefix, for messages."""
        return name.removeprefix(f"{self._prefix}.")

    def _package(self, name: str, folder: Path) -> None:
        if name in sys.modules:
            return
        init = folder / "__init__.py"
        if folder != self.root and init.is_file():
            _execute(name, init, [str(folder)])
            return
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        module.__package__ = name
        sys.modules[name] = module

    def _module_name(self, package: str, file_name: str, file: Path) -> str:
        # `a_step.py` is importable under its own name; `a.step.py` never is, so its name only has to be free.
        base = name = f"{package}.{file_name.removesuffix('.py').replace('.', '-')}"
        number = 2
        while name in sys.modules and getattr(sys.modules[name], "__file__", None) != str(file):
            name, number = f"{base}-{number}", number + 1
        return name

    @staticmethod
    def _free_name(folder_name: str) -> str:
        name = folder_name.replace(".", "_") or "project"
        if name in sys.modules:
            return f"{name}_project"
        # Something installed, or of the standard library, has the folder's name: that one must stay importable.
        try:
            taken = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            return name
        return f"{name}_project" if taken is not None else name


def _execute(name: str, file: Path, search: list[str] | None) -> ModuleType:
    loader = ProjectFileLoader(name, str(file)) if file.suffix == ".py" else None
    spec = importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file", path=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
