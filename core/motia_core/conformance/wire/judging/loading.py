"""Watches how files are loaded and described."""

from __future__ import annotations

import json
from collections import Counter

from motia_core._gen.motia.v1 import manifest_pb2
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher


class Loading(Watcher):
    """LOAD, RELOAD and what of HELLO-8 is about them."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self._waits_for = ""  # the path that was announced and is not acknowledged
        self._announced: list[str] = []
        self._manifests = 0
        self._imported: Counter[str] = Counter()
        self._has_told = False  # Imported was sent
        self._warm = 0  # Warm without Warmed
        self._warmed = 0

    def said_load(self, load: manifest_pb2.Load) -> None:
        """What has to be loaded."""
        self.seen.load = load

    def said_loading_ack(self, ack: manifest_pb2.LoadingAck) -> None:
        """One file may be imported."""
        if ack.path == self._waits_for:
            self._waits_for = ""

    def said_warm(self, warm: manifest_pb2.Warm) -> None:
        """Has to be answered."""
        self._warm += 1

    def heard_warmed(self, warmed: manifest_pb2.Warmed) -> None:
        """Only what was asked is answered."""
        self._warmed += 1
        if self._warmed > self._warm:
            self.broke("RELOAD-4", "Warmed was sent without a Warm that it answers")

    def heard_loading(self, loading: manifest_pb2.Loading) -> None:
        """Files come one by one, each once."""
        load = self.seen.load
        if self._waits_for:
            self.broke("LOAD-2", f"{loading.path} was announced before {self._waits_for} was acknowledged")
        if self._warmed < self._warm:
            self.broke("RELOAD-5", f"{loading.path} was announced before Warmed was sent")
        expected = _paths(load) if load is not None else []
        if loading.path not in expected:
            self.broke("LOAD-2", f"{loading.path!r} was announced and is not in Load")
        elif loading.path in self._announced:
            self.broke("LOAD-2", f"{loading.path} was announced twice")
        self._announced.append(loading.path)
        self._waits_for = loading.path

    def heard_imported(self, imported: manifest_pb2.Imported) -> None:
        """Each name once, and only for cores that want it."""
        self._has_told = True
        if not self.seen.shares("reload"):
            self.broke("HELLO-8", "Imported was sent to a core without the capability reload")
        names = [*imported.files, *(f"package {name}" for name in imported.packages)]
        self._imported.update(names)
        twice = [name for name in names if self._imported[name] > 1]
        if twice:
            self.broke("RELOAD-1", f"Imported names {twice[0]} twice in a session")

    def heard_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        """Every file is described once, in order."""
        self._manifests += 1
        load = self.seen.load
        if self._manifests > 1:
            self.broke("LOAD-5", "a second Manifest was sent in one session")
        if load is None:
            self.broke("LOAD-5", "a Manifest was sent before Load")
            return
        if self._waits_for:
            self.broke("LOAD-2", f"the Manifest was sent before {self._waits_for} was acknowledged")
        if missing := [path for path in _paths(load) if path not in self._announced]:
            self.broke("LOAD-2", f"{missing[0]} was never announced with Loading")
        if manifest.digest != load.digest:
            self.broke("LOAD-5", f"Manifest.digest is {manifest.digest!r}, Load.digest {load.digest!r}")
        if self.seen.shares("reload") and load.files and not self._has_told:
            self.broke("RELOAD-1", "the Manifest was sent before any Imported")
        self._order(load, manifest)
        self._definitions(manifest)

    def _order(self, load: manifest_pb2.Load, manifest: manifest_pb2.Manifest) -> None:
        own = {path for path in (load.config_file,) if path}
        lists = {
            "steps": _distinct([step.path for step in manifest.steps if not _is_of_config(step.path, load)]),
            "streams": _distinct([stream.path for stream in manifest.streams]),
            "errors": _distinct([error.path for error in manifest.errors if error.path not in own]),
        }
        expected = [file.path for file in load.files]
        found = Counter(path for paths in lists.values() for path in paths)
        for path in expected:
            if found[path] != 1:
                self.broke("LOAD-4", f"{path} is in {found[path]} of steps, streams and errors")
        for path in found.keys() - set(expected):
            self.broke("LOAD-4", f"the Manifest names {path!r}, which is not in Load")
        for name, paths in lists.items():
            positions = [expected.index(path) for path in paths if path in expected]
            if positions != sorted(positions):
                self.broke("LOAD-4", f"Manifest.{name} is not in the order of Load.files")
        if len(manifest.errors) != len({error.path for error in manifest.errors}):
            self.broke("LOAD-4", "a file is in Manifest.errors twice")

    def _definitions(self, manifest: manifest_pb2.Manifest) -> None:
        keys = Counter((step.path, step.key) for step in manifest.steps)
        for (path, key), times in keys.items():
            if times > 1:
                self.broke("LOAD-15", f"{times} steps of {path} have the key {key!r}")
            if key and not self.seen.shares("several-steps"):
                self.broke("LOAD-16", f"{path} has a step with a key, and the core does not know of keys")
        configs = [(step.path, step.config) for step in manifest.steps]
        configs += [(stream.path, stream.config) for stream in manifest.streams]
        for path, config in configs:
            if not _is_object(config):
                self.broke("LOAD-6", f"the config of {path} is not a JSON object: {config[:80]!r}")
        for error in manifest.errors:
            if error.phase == manifest_pb2.LOAD_PHASE_UNSPECIFIED or not error.message:
                self.broke("LOAD-3", f"the error of {error.path} has no phase or no message")


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _paths(load: manifest_pb2.Load) -> list[str]:
    return [*([load.config_file] if load.config_file else []), *(file.path for file in load.files)]


def _distinct(paths: list[str]) -> list[str]:
    return list(dict.fromkeys(paths))


def _is_of_config(path: str, load: manifest_pb2.Load) -> bool:
    return bool(load.config_file) and path.startswith(f"{load.config_file}#")
