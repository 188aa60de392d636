"""Makes versions of the project: what is in its files, what its sidecars made of them, and what of that is served."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from motia_core.model.guards import guarded
from motia_core.model.language import Languages
from motia_core.model.project import Discovery, Manifest, Project, SourceFile
from motia_core.model.queue_config import queue_defaults
from motia_core.model.rules import check_project
from motia_core.model.stream_guard import with_stream_auth
from motia_core.model.versions import broken_groups, with_problems_of
from motia_core.project.config_file import ConfigFile, find_configs
from motia_core.project.discover import digest, discover
from motia_core.project.env import sidecar_environment
from motia_core.project.remedies import with_remedies
from motia_core.settings import Settings
from motia_core.sidecars.app_hooks import GROUP
from motia_core.sidecars.group import Prepared
from motia_core.sidecars.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the project's folder."""

    discovery: Discovery
    configs: Mapping[str, ConfigFile]  # by the language group that loads them
    env: Mapping[str, str]  # of the sidecars

    @property
    def groups(self) -> frozenset[str]:
        """The language groups that a sidecar is needed for."""
        groups = {file.group for file in self.discovery.files}
        if groups and GROUP in self.configs and self.configs[GROUP].may_have_hook:
            groups.add(GROUP)
        return frozenset(groups)

    def files(self, group: str) -> list[SourceFile]:
        """The files of a language group."""
        return self.discovery.of_group(group)

    def config_path(self, group: str) -> str:
        """The config that a language group loads; empty: none."""
        return self.configs[group].path if group in self.configs else ""

    def keeping(self, groups: Collection[str], before: Found) -> Found:
        """This, with what was found before of some groups."""
        files = [file for file in self.discovery.files if file.group not in groups]
        files += [file for file in before.discovery.files if file.group in groups]
        position = {file: at for at, file in enumerate((*self.discovery.files, *before.discovery.files))}
        configs = {group: config for group, config in self.configs.items() if group not in groups}
        configs |= {group: config for group, config in before.configs.items() if group in groups}
        ordered = tuple(sorted(files, key=position.__getitem__))
        return replace(self, discovery=replace(self.discovery, files=ordered), configs=configs)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the project that can be served."""

    found: Found
    manifests: Mapping[str, Manifest]  # by language group
    project: Project
    prepared: tuple[Prepared, ...] = ()  # groups that were loaded for it; the others are as they were
    kept: frozenset[str] = frozenset()  # groups that were loaded in vain: they are served as they were
    tried: Mapping[str, Collection[str]] = field(default_factory=dict)  # by these: the files that were imported

    @property
    def has_app_hook(self) -> bool:
        return any(manifest.app_hook for manifest in self.manifests.values())


class Loading:
    """Loads versions of one project. What is served meanwhile stays as it is."""

    def __init__(self, settings: Settings, languages: Languages, supervisor: Supervisor) -> None:
        self._settings = settings
        self.languages = languages
        self._supervisor = supervisor

    async def find(self) -> Found:
        """Look into the project's folder.

        Raises:
            SettingsError: .env cannot be read.
        """
        return await asyncio.to_thread(find, self._settings.project, self.languages)

    async def load(self, found: Found) -> Version:
        """Load everything."""
        prepared = await self._prepare(found, found.groups)
        manifests = {name: ready.manifest for name, ready in prepared.items()}
        return Version(found, manifests, self._checked(found, manifests), tuple(prepared.values()))

    async def reload(self, found: Found, before: Version, changed: Collection[str]) -> Version:
        """Load the groups that have changed. A group in which something fails that is served now is kept as it is."""
        # What was loaded in vain is loaded again: what is served is older than what was found.
        stale = found.groups.intersection({*changed, *before.kept}) | (found.groups - before.manifests.keys())
        prepared = await self._prepare(found, stale)
        manifests = {
            name: prepared[name].manifest if name in prepared else before.manifests[name] for name in found.groups
        }
        project = self._checked(found, manifests)
        broken = broken_groups(before.project, project, before.found.configs)
        kept = broken.intersection(prepared, before.manifests)
        if not kept:
            return Version(found, manifests, project, tuple(prepared.values()))
        tried = {name: frozenset(prepared[name].group.imported) for name in kept}
        for name in kept:
            self._supervisor.discard(prepared.pop(name))
        merged = found.keeping(kept, before.found)
        manifests |= {name: before.manifests[name] for name in kept}
        served = with_problems_of(project, kept, self._checked(merged, manifests))
        return Version(merged, manifests, served, tuple(prepared.values()), frozenset(kept), tried)

    async def _prepare(self, found: Found, groups: Collection[str]) -> dict[str, Prepared]:
        names = sorted(groups)
        loads = (self._prepare_group(found, name) for name in names)
        return dict(zip(names, await asyncio.gather(*loads), strict=True))

    async def _prepare_group(self, found: Found, name: str) -> Prepared:
        files, config = found.files(name), found.config_path(name)
        known_as = await asyncio.to_thread(digest, self._settings.project, files, config)
        return await self._supervisor.prepare(self.languages[name], files, known_as, found.env, config)

    def _checked(self, found: Found, manifests: Mapping[str, Manifest]) -> Project:
        configs = {name: config for name, config in found.configs.items() if name in manifests}
        project = check_project(found.discovery, manifests, queue_defaults(self._settings.queue))
        guards = {name: config.path for name, config in configs.items() if config.may_have_middleware}
        project = guarded(project, manifests, guards)
        auths = {name: config.path for name, config in configs.items() if config.may_have_stream_auth}
        project = with_stream_auth(project, manifests, auths)
        return with_remedies(self._settings.project, project)


def find(root: Path, languages: Languages) -> Found:
    """See `Loading.find`."""
    return Found(discover(root, languages), find_configs(root), sidecar_environment(root))
