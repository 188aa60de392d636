"""Tells when the files of a project change. The system says where something happened; what it was, looking does."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Set
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import awatch

from motia_core.errors import WatchError
from motia_core.model.language import BUILT_IN, Languages
from motia_core.project.affected import DOTENV, SETTINGS, Changes
from motia_core.project.discover import is_searched

STEP_MS = 20  # of quiet, then a change is over
LONGEST_MS = 400  # a change that goes on for so long is told in parts
MANY = 10  # files at once are the work of a program that may not be done:
SETTLE_S = 0.25  # of quiet are waited for then, and for a file that is empty: who writes it may have just begun
MOST_LOOKS = 20  # then what has changed is told, though it goes on
MOST_FOLDERS = 10_000
_INSTALLED = ("node_modules", "python_modules", ".venv", "venv")

Stamp = tuple[int, int, int]  # time of the last change, size, inode


@dataclass(slots=True)
class Snapshot:
    """What there is: files that may matter, and the folders in which they are."""

    files: dict[str, Stamp] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    elsewhere: Set[str] = frozenset()  # of the files, those that somebody has asked for

    def since(self, before: Snapshot) -> Changes:
        """What is different now."""
        added, removed = self.files.keys() - before.files.keys(), before.files.keys() - self.files.keys()
        added -= self.elsewhere - before.elsewhere  # they are not new, but looked at for the first time
        changed = {path for path in self.files.keys() & before.files.keys() if self.files[path] != before.files[path]}
        return Changes(frozenset(added), frozenset(changed), frozenset(removed))


class Watch:
    """The files of one project.

    Args:
        elsewhere: Files that matter beside those that are found below the root, as absolute paths.
        ignored: Folders that are not looked into, such as the data directory.
    """

    def __init__(
        self,
        root: Path,
        elsewhere: Callable[[], Collection[str]],
        ignored: Collection[Path] = (),
        languages: Languages = BUILT_IN,
    ) -> None:
        self._root = root
        self._languages = languages
        self._elsewhere = elsewhere
        self._ignored = frozenset(map(str, ignored))
        self._known = Snapshot()

    async def start(self) -> None:
        """Remember what there is now: changes are told from here on."""
        self._known = await self._look()

    def accept(self, paths: Iterable[str]) -> None:
        """These files are as they are by our own doing: that is no change."""
        for path in paths:
            _note(self._known, path)

    async def changes(self) -> AsyncIterator[Changes]:
        """Each change, as soon as it is over.

        Raises:
            WatchError: The system cannot watch the folders; says what to do.
        """
        while True:
            folders = frozenset(self._known.folders)
            if len(folders) > MOST_FOLDERS:
                what = f"there are more than {MOST_FOLDERS:,} folders below {self._root}"
                raise WatchError(f"{what}: are all of them the project's?")
            async with aclosing(self._events(folders)) as events:
                async for _ in events:
                    while changes := await self._settled():
                        yield changes  # and look again: by now other files may matter
                    if self._known.folders != folders:
                        break
                else:
                    self._known = await self._look()

    async def _events(self, folders: Collection[str]) -> AsyncGenerator[None, None]:
        """Something has happened in one of the folders; once at the beginning, for what was before."""
        there = await asyncio.to_thread(_existing, folders)
        over = asyncio.Event()
        watcher = awatch(
            *there,
            watch_filter=None,
            recursive=False,
            step=STEP_MS,
            debounce=LONGEST_MS,
            stop_event=over,
            ignore_permission_denied=True,
        )
        upcoming = asyncio.ensure_future(anext(watcher))
        try:
            await asyncio.sleep(0)  # it watches from here on
            yield
            while True:
                await asyncio.shield(upcoming)
                yield
                upcoming = asyncio.ensure_future(anext(watcher))
        except FileNotFoundError:
            return  # a folder went before it was watched: the others are looked at anew
        except OSError as error:
            raise _unwatchable(error, len(there)) from error
        finally:
            over.set()  # its thread looks at this, and cannot be cancelled
            with suppress(OSError, StopAsyncIteration):
                await upcoming

    async def _settled(self) -> Changes:
        """What has changed; of many files at once, and of those that are empty, when no more follows."""
        before, self._known = self._known, await self._look()
        changes = self._known.since(before)
        is_being_written = any(not self._known.files[path][1] for path in changes.added | changes.changed)
        if len(changes.all) < MANY and not is_being_written:
            return changes
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(SETTLE_S)
            last, self._known = self._known, await self._look()
            if not self._known.since(last):
                break
        return self._known.since(before)

    async def _look(self) -> Snapshot:
        return await asyncio.to_thread(self._scan, frozenset(self._elsewhere()))

    def _scan(self, elsewhere: frozenset[str]) -> Snapshot:
        found = Snapshot(elsewhere=elsewhere)
        self._enter(found, str(self._root))
        for place in self._languages.also:
            _note(found, str(self._root / place))
        for name in _INSTALLED:
            folder = self._root / name
            if folder.is_dir():
                found.folders.add(str(folder))
                for packages in folder.glob("lib/python*/site-packages"):
                    found.folders.add(str(packages))
                    _note(found, str(packages))
        for path in elsewhere:
            _note(found, path)
            if os.path.isdir(parent := os.path.dirname(path)):  # noqa: PTH112, PTH120
                found.folders.add(parent)
        return found

    def _enter(self, found: Snapshot, root: str) -> None:
        pending = [root]
        suffixes = self._languages.sources
        seen: set[tuple[int, int]] = set()  # device and inode of linked folders: links may lead in circles
        while pending and len(found.folders) <= MOST_FOLDERS:
            folder = pending.pop()
            with suppress(OSError), os.scandir(folder) as entries:
                found.folders.add(folder)
                for entry in entries:
                    if entry.is_dir():
                        if is_searched(entry) and entry.path not in self._ignored and not _is_known(entry, seen):
                            pending.append(entry.path)
                    elif os.path.splitext(entry.name)[1] in suffixes or entry.name in (DOTENV, SETTINGS):  # noqa: PTH122
                        _note(found, entry.path)


def _is_known(entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> bool:
    """Whether it is a link to where another has led."""
    if not entry.is_symlink():
        return False
    status = entry.stat()
    known = (status.st_dev, status.st_ino) in seen
    seen.add((status.st_dev, status.st_ino))
    return known


def _note(found: Snapshot, path: str) -> None:
    with suppress(OSError):
        status = os.stat(path)  # noqa: PTH116  # thousands of files
        found.files[path] = (status.st_mtime_ns, status.st_size, status.st_ino)


def _existing(folders: Collection[str]) -> list[str]:
    return [folder for folder in folders if os.path.isdir(folder)]  # noqa: PTH112


def _unwatchable(error: OSError, folders: int) -> WatchError:
    is_full = error.errno in (errno.ENOSPC, errno.EMFILE) or "limit" in str(error)
    remedy = "raise fs.inotify.max_user_watches (sysctl), or serve without reload" if is_full else ""
    return WatchError(f"{folders} folders cannot be watched for changes: {error}. {remedy}".rstrip())
