"""The system with everything apart: PostgreSQL, cores and a container for each language."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import httpx

from tests.containers.fleet import Box, Fleet, wait_until
from tests.containers.images import Images
from tests.containers.load import Load

LANGUAGES = ("node", "python", "go")
THROUGH = ["typescript", "python", "go", "javascript"]


class Deployment(Fleet):
    """PostgreSQL, one core and its sidecars.

    Args:
        languages: The language groups of the project.
    """

    def __init__(self, images: Images, prefix: str, languages: Sequence[str] = LANGUAGES) -> None:
        super().__init__(prefix)
        self.images, self.languages = images, languages
        self.token, self.admin_token, password = (secrets.token_hex(16) for _ in range(3))
        self._database = {"POSTGRES_USER": "motia", "POSTGRES_PASSWORD": password, "POSTGRES_DB": "motia"}
        self._store_url = f"postgresql://motia:{password}@postgres:5432/motia"
        self.volume = f"{prefix}-postgres"

    def start_postgres(self) -> Box:
        """The database; its data are in a volume, and outlive the container."""
        volumes = {self.volume: "/var/lib/postgresql/data"}
        return self.start("postgres", self.images.postgres(), self._database, volumes)

    def start_core(self, name: str = "core", image: str | None = None) -> Box:
        """A core that waits for sidecars."""
        environment = {
            "MOTIA_STORE_URL": self._store_url,
            "MOTIA_STORE_LEASE_MS": "2s",
            "MOTIA_SIDECARS_TOKEN": self.token,
            "MOTIA_SIDECARS_ALLOW_INSECURE_TCP": "true",
            "MOTIA_HTTP_ADMIN_TOKEN": self.admin_token,
        }
        return self.start(name, image or self.images.of_project("core"), environment)

    def start_sidecar(self, language: str, name: str = "", core: str = "core") -> Box:
        """A sidecar that dials a core until it gets it."""
        environment = {"MOTIA_SIDECAR_ADDRESS": f"{core}:7000", "MOTIA_SIDECAR_TOKEN": self.token}
        return self.start(name or language, self.images.of_project(f"sidecar-{language}"), environment)

    def start_all(self) -> Box:
        """Everything; the core, which is ready."""
        self.start_postgres().says("ready to accept connections")
        core = self.start_core()
        for language in self.languages:
            self.start_sidecar(language)
        ready(core)
        return core


def ready(core: Box) -> float:
    """Wait until a core is ready; the seconds."""
    return wait_until(lambda: is_ready(core), f"{core.name} is ready", 60, lambda: core.log)


def is_ready(core: Box) -> bool:
    """Whether a core serves and has all its sidecars."""
    try:
        return httpx.get(f"{core.url}/__motia/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def delivered(core: Box) -> dict[str, list[str]]:
    """The way of each parcel that has arrived, by its id."""
    answer = httpx.get(f"{core.url}/delivered", timeout=40)
    assert answer.status_code == 200, answer.text
    return {parcel["id"]: parcel["through"] for parcel in answer.json()}


def all_arrive(core: Box, load: Load) -> float:
    """Wait until everything that was accepted has arrived, each once through all languages; the seconds."""
    accepted = load.accepted()
    assert accepted, load.failures()

    def are_there() -> bool:
        try:
            return accepted <= delivered(core).keys()
        except (AssertionError, httpx.HTTPError):
            return False

    return wait_until(are_there, f"{len(accepted)} accepted parcels arrive", 60, lambda: core.log)



