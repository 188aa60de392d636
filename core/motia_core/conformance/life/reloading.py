"""Files that change are served as they are, without a request that fails."""

from __future__ import annotations

from pathlib import Path

from motia_core.conformance.compare import expect
from motia_core.conformance.life.scene import Scene
from motia_core.conformance.subject import placed

BEFORE, AFTER = "before", "after"  # words in the case's step files
CASE = "l3_lifecycle/reloads"
BROKEN = "l3_lifecycle/broken_raises"
SOON_S = 60.0  # what is compiled first takes its time
REQUESTS_AFTER = 20


def reloads(scene: Scene) -> None:
    """A saved file is served soon, and no request fails meanwhile."""
    served(scene, BEFORE)
    save(scene, BEFORE, AFTER)
    becomes(scene, BEFORE, AFTER)
    for _ in range(REQUESTS_AFTER):
        served(scene, AFTER)


def reloads_broken(scene: Scene) -> None:
    """A file that cannot be loaded changes nothing; once it can, it is served."""
    served(scene, BEFORE)
    (source, *_) = scene.stage.subject_of(scene.lang).files(BROKEN, scene.lang)
    files = {file: file.read_text() for file in step_files(scene)}
    for file in files:
        file.write_text(source.read_text())
    told = "KEY is required"
    scene.until(f"a record with {told!r}", lambda: any(told in line for line in scene.core.log_lines()), SOON_S)
    for _ in range(REQUESTS_AFTER):
        served(scene, BEFORE)
    for file, text in files.items():
        file.write_text(text.replace(BEFORE, AFTER))
    becomes(scene, BEFORE, AFTER)


def step_files(scene: Scene) -> list[Path]:
    """The case's step files as they are in the project."""
    folder = scene.stage.project / "steps" / CASE
    return [folder / placed(file) for file in scene.stage.subject_of(scene.lang).files(CASE, scene.lang)]


def save(scene: Scene, before: str, after: str) -> None:
    """Change a word in them."""
    for file in step_files(scene):
        file.write_text(file.read_text().replace(before, after))


def served(scene: Scene, version: str) -> None:
    """The handler of this version answers."""
    scene.same(f"GET /{scene.lang}/version", version, scene.get("version").text)


def becomes(scene: Scene, before: str, after: str) -> None:
    """Wait for the version after; each request until then is answered by one of them."""

    def is_new() -> bool:
        response = scene.get("version")
        came = f"{response.status_code} {response.text[:300]}"
        expect(response.text in (before, after), f"GET /{scene.lang}/version", f"{before} or {after}", came)
        return response.text == after

    scene.until(f"{after} is served", is_new, SOON_S)
