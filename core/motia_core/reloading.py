"""Serves each version of the project as soon as its files are saved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

from motia_core.core import Core
from motia_core.engine.ports import Console
from motia_core.errors import MotiaError, SettingsError, WatchError
from motia_core.loading import Found, Version
from motia_core.model.versions import updated
from motia_core.project.affected import DOTENV, SETTINGS, Affected, Changes, Loaded, affected
from motia_core.project.typegen import refresh_types
from motia_core.project.watch import Watch


class Reloader:
    """Follows the files of the project that a core serves."""

    _version: Version  # what is served
    _seen: Found  # what was found last, whether it is served or not

    def __init__(self, core: Core, console: Console) -> None:
        self._core = core
        self._console = console
        self._pending: set[str] = set()  # groups that have changed and are not loaded yet
        self._root = core.settings.project
        self._watch = Watch(self._root, self._imported, [self._root / core.settings.data_dir], core.loading.languages)

    async def load(self) -> Version:
        """The first version. What changes from here on is followed, once it is served.

        Raises:
            AddressInUseError: See `Core.load`.
        """
        await self._watch.start()
        self._version = await self._core.load()
        self._seen = self._version.found
        return self._version

    async def run(self) -> None:
        """Until it is cancelled, or the files cannot be watched: the log says so."""
        self._core.supervisor.prepare_spares()
        try:
            async for changes in self._watch.changes():
                await self._guarded(changes)
        except WatchError as error:
            self._console.record("error", f"changes are not followed: {error.message}")

    async def _guarded(self, changes: Changes) -> None:
        try:
            await self._follow(changes)
        except Exception as error:  # boundary: whatever goes wrong with one change, the next one is followed
            what = error.message if isinstance(error, MotiaError) else f"a fault of motia-core: {error!r}"
            self._console.record("error", f"the project was not reloaded: {what}; the version before goes on")

    async def _follow(self, changes: Changes) -> None:
        began_s = time.monotonic()
        what = affected(changes, self._loaded())
        if what.settings:
            self._console.record("warn", f"{SETTINGS} has changed: it is read when motia-core starts, so restart it")
        try:
            found = await self._core.loading.find()
        except SettingsError as error:
            self._console.record("error", f"{DOTENV}: {error.message}; the version before goes on")
            return
        before, self._seen = self._seen, found
        self._pending |= _to_load(what, found, before)
        if not self._pending & found.groups and found.groups == before.groups:
            return
        await self._serve(found, frozenset(self._pending), what, changes, began_s)
        self._pending.clear()

    async def _serve(
        self, found: Found, groups: Collection[str], what: Affected, changes: Changes, began_s: float
    ) -> None:
        core, before = self._core, self._version
        if what.environment or found.env != before.found.env:
            core.supervisor.drop_spares()
        version = await core.loading.reload(found, before, groups)
        try:
            await core.swap(version)
        except BaseException:
            for prepared in version.prepared:
                core.supervisor.discard(prepared)
            raise
        self._version = version
        files = sorted(_shown(self._root, path) for path in changes.all)
        loaded = sorted({*(prepared.group.name for prepared in version.prepared), *version.kept})
        seconds = time.monotonic() - began_s
        update = updated(before.project, version.project, files, loaded, sorted(version.kept), seconds)
        self._console.reloaded(update)
        core.supervisor.prepare_spares()
        try:
            written = await asyncio.to_thread(refresh_types, self._root, version.project)
            self._watch.accept(str(self._root / path) for path in written)
        except OSError as error:
            where = error.filename or self._root
            self._console.record("warn", f"{where} cannot be brought up to date: {error.strerror}")

    def _loaded(self) -> Loaded:
        version = self._version
        groups = {file.path: file.group for file in self._seen.discovery.files}
        groups |= {config.path: group for group, config in self._seen.configs.items()}
        failed = {problem.file for problem in version.project.problems if problem.severity == "error"}
        imported = {name: self._imported_by(name) for name in version.manifests}
        failing = frozenset(groups[path] for path in failed & groups.keys())
        return Loaded(self._root, version.project, imported, failing, self._core.loading.languages)

    def _imported_by(self, group: str) -> set[str] | None:
        imported = self._core.supervisor.imported(group)
        return None if imported is None else imported | set(self._version.tried.get(group, ()))

    def _imported(self) -> set[str]:
        return {path for group in self._core.supervisor.groups for path in self._imported_by(group) or ()}


def _to_load(what: Affected, found: Found, before: Found) -> frozenset[str]:
    """The language groups whose sidecars have something else to load."""
    groups = set(what.groups)
    if found.env != before.env:
        groups |= found.groups
    groups |= {name for name in found.groups if found.files(name) != before.files(name)}
    groups |= {name for name in found.groups if found.config_path(name) != before.config_path(name)}
    return frozenset(groups & found.groups)


def _shown(root: Path, path: str) -> str:
    whole = Path(path)
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else path
