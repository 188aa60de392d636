"""Files that change are served as they are, without a request that fails."""

from __future__ import annotations

from motia_core.conformance.compare import expect
from motia_core.conformance.life.scene import Scene

BEFORE, AFTER = "before", "after"  # words in the case's step files
REQUESTS_AFTER = 20


def reloads(scene: Scene) -> None:
    """A saved file is served soon, and no request fails meanwhile."""
    path = f"GET /{scene.lang}/version"
    scene.same(path, "before", scene.get("version").text)
    folder = scene.stage.project / "steps" / scene.stage.setup.cases[0].name
    for file in scene.stage.subject_of(scene.lang).files(scene.stage.setup.cases[0].name, scene.lang):
        target = folder / file.name
        target.write_text(target.read_text().replace(BEFORE, AFTER))

    def is_new() -> bool:
        response = scene.get("version")
        came = f"{response.status_code} {response.text[:300]}"
        expect(response.text in (BEFORE, AFTER), path, "the version before, or the one after", came)
        return response.text == AFTER

    scene.until("the saved file is served", is_new, 60)
    for _ in range(REQUESTS_AFTER):
        scene.same(path, AFTER, scene.get("version").text)
