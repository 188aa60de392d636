"""Mutants that go wrong when they load files, and with protocol errors."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from motia_core._gen.motia.v1 import failure_pb2, manifest_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import Sidecar, frame


@breaks("LOAD-2", "loading_waits")
class DoesNotWaitForLoadingAck(Sidecar):
    """Announces and imports."""

    async def announce(self, path: str) -> None:
        self.put(loading=manifest_pb2.Loading(path=path))


@breaks("LOAD-3", "broken_file")
class StopsAtBrokenFile(Sidecar):
    """Reports the file, and every other one with it."""

    def describe(self, path: str, step: dict[str, Any]) -> manifest_pb2.StepDefinition:
        if "hold" in path:
            raise ValueError("there was a broken file before")
        return super().describe(path, step)


@breaks("LOAD-3", "broken_file")
class ErrorWithoutWords(Sidecar):
    """Says that a file is broken, and not how."""

    def load_error(self, path: str, error: Exception) -> manifest_pb2.FileError:
        return manifest_pb2.FileError(path=path)


@breaks("LOAD-4", "broken_file")
class ForgetsBrokenFile(Sidecar):
    """Leaves a broken file out."""

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        del manifest.errors[:]
        super().send_manifest(manifest)


@breaks("LOAD-4", "work")
class ManifestOutOfOrder(Sidecar):
    """Turns the order of files round."""

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        steps = list(reversed(manifest.steps))
        del manifest.steps[:]
        manifest.steps.extend(steps)
        super().send_manifest(manifest)


@breaks("LOAD-5", "work")
class WrongManifestDigest(Sidecar):
    """Computes a digest of its own."""

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        manifest.digest = "its own"
        super().send_manifest(manifest)


@breaks("LOAD-5", "work")
class TwoManifests(Sidecar):
    """Sends it again."""

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        super().send_manifest(manifest)
        super().send_manifest(manifest)


@breaks("LOAD-6", "work")
class ConfigAsText(Sidecar):
    """Writes the config as a JSON string."""

    def describe(self, path: str, step: dict[str, Any]) -> manifest_pb2.StepDefinition:
        definition = super().describe(path, step)
        definition.config = json.dumps(str(step["config"])).encode()
        return definition


@breaks("LOAD-8", "broken_file")
class HidesHandlers(Sidecar):
    """Does not say that there is a handler."""

    def describe(self, path: str, step: dict[str, Any]) -> manifest_pb2.StepDefinition:
        definition = super().describe(path, step)
        definition.has_handler = False
        return definition


@breaks("LOAD-15", "work")
class SameKeyTwice(Sidecar):
    """Describes a file's step twice."""

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        manifest.steps.insert(0, manifest.steps[0])
        super().send_manifest(manifest)


@breaks("LOAD-16", "no_capabilities")
class KeysForAnyCore(Sidecar):
    """Gives its steps keys."""

    def describe(self, path: str, step: dict[str, Any]) -> manifest_pb2.StepDefinition:
        definition = super().describe(path, step)
        definition.key = "k"
        return definition


@breaks("LOAD-10", "repeated_project")
class DiesOfSecondProject(Sidecar):
    """Takes the second Project for an error."""

    projects = 0

    def on_project(self, project: Any) -> None:
        self.projects += 1
        if self.projects > 1:
            raise sidecar.RefusedError("a second Project")


@breaks("RELOAD-1", "work")
class NeverTellsImports(Sidecar):
    """Leaves Imported out."""

    def put(self, **content: Any) -> None:
        if "imported" not in content:
            super().put(**content)


@breaks("RELOAD-1", "work")
class TellsImportsTwice(Sidecar):
    """Names every file twice."""

    def put(self, **content: Any) -> None:
        if "imported" in content:
            super().put(**content)
        super().put(**content)


@breaks("RELOAD-4", "warm")
class IgnoresWarm(Sidecar):
    """Does not answer Warm."""

    def on_warm(self, warm: Any) -> None:
        pass


@breaks("RELOAD-5", "warm")
class LoadsBeforeWarmed(Sidecar):
    """Answers Warm when it has loaded."""

    def on_warm(self, warm: Any) -> None:
        asyncio.get_running_loop().call_later(0.2, super().on_warm, warm)


@breaks("ERROR-1", "must_understand")
class GoesOnAfterItsError(Sidecar):
    """Sends frames after its ProtocolError."""

    async def refuse(self, stream: Any, code: int, message: str) -> None:
        error = failure_pb2.ProtocolError(code=code, message=message)  # type: ignore[arg-type]  # an enum value is an int
        await self.write(stream, [frame(protocol_error=error), self.credit(1)])
        await super().refuse(stream, code, message)


@breaks("ERROR-2", "must_understand")
class ErrorWithoutMessage(Sidecar):
    """Does not say what is wrong."""

    async def refuse(self, stream: Any, code: int, message: str) -> None:
        await super().refuse(stream, code, "")


@breaks("ERROR-3", "told_wrong")
class AnswersErrors(Sidecar):
    """Answers a ProtocolError with one."""

    def on_protocol_error(self, error: Any) -> Any:
        print(error.message, file=sys.stderr)
        return failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME, "no, you are wrong"


@breaks("ERROR-3", "told_wrong")
class IgnoresErrors(Sidecar):
    """Reads a ProtocolError and goes on."""

    def on_protocol_error(self, error: Any) -> None:
        print(error.message, file=sys.stderr)


@breaks("RESUME-10", "told_wrong")
class ResumesAfterError(Sidecar):
    """Takes a ProtocolError for a lost connection."""

    def on_protocol_error(self, error: Any) -> None:
        print(error.message, file=sys.stderr)
        raise sidecar.LostError("told off")
