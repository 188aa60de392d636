"""The system with everything apart: PostgreSQL, cores and a container for each language."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

import httpx

from tests.containers.fleet import Box, Fleet, wait_until
from tests.containers.images import Images
from tests.containers.load import Load
from tests.repo.repository import ROOT, blocks

GUIDE = ROOT / "docs" / "guides" / "remote-sidecars.md"
LANGUAGES = ("node", "python", "go", "ruby")
THROUGH = ["typescript", "python", "go", "ruby", "javascript"]


class Deployment(Fleet):
    """PostgreSQL, one core and its sidecars.

    Args:
        certificates: A folder with what the guide makes, for TLS between core and sidecars, both of which show theirs.
    """

    languages = LANGUAGES

    def __init__(self, images: Images, prefix: str, certificates: Path) -> None:
        super().__init__(prefix)
        self.images = images
        self._tls = {str(certificates): "/tls"}
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
            "MOTIA_HTTP_ADMIN_TOKEN": self.admin_token,
            "MOTIA_SIDECARS_TLS_CERT": "/tls/core.pem",
            "MOTIA_SIDECARS_TLS_KEY": "/tls/core.key",
            "MOTIA_SIDECARS_TLS_CLIENT_CA": "/tls/ca.pem",
        }
        return self.start(name, image or self.images.of_project("core"), environment, self._tls, is_public=True)

    def start_sidecar(self, language: str, name: str = "", core: str = "core", *, is_known: bool = True) -> Box:
        """A sidecar that dials a core until it gets it.

        Args:
            is_known: It has a certificate to show.
        """
        environment = {
            "MOTIA_SIDECAR_ADDRESS": f"{core}:7000",
            "MOTIA_SIDECAR_TOKEN": self.token,
            "MOTIA_SIDECAR_CA": "/tls/ca.pem",
            "MOTIA_SIDECAR_SERVER_NAME": "core.example.com",
        }
        if is_known:
            environment |= {"MOTIA_SIDECAR_CERT": "/tls/sidecar.pem", "MOTIA_SIDECAR_KEY": "/tls/sidecar.key"}
        return self.start(name or language, self.images.of_project(f"sidecar-{language}"), environment, self._tls)

    def start_all(self) -> Box:
        """Everything; the core, which is ready."""
        # a network that nobody is on is taken down: its addresses are somebody else's while a killed core is replaced
        self.start("client", self.images.base, {}, is_public=True, command="sleep infinity")
        self.start_postgres().says("ready to accept connections")
        core = self.start_core()
        for language in self.languages:
            self.start_sidecar(language)
        ready(core)
        return core


def make_certificates(folder: Path) -> Path:
    """What the guide's commands make, as a folder that any user may read."""
    folder.mkdir()
    texts = [block.text for block in blocks(GUIDE) if "openssl" in block.text and "rand" not in block.text]
    commands = [line for text in texts for line in text.splitlines() if not line.startswith("motia-core")]
    subprocess.run(["bash", "-euc", "\n".join(commands)], cwd=folder, check=True, capture_output=True, timeout=60)
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


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
