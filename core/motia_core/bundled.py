"""Where the things are that come with motia-core, SDKs and Containerfiles: in the wheel, or in the repository."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUNDLED = Path(__file__).resolve().parent / "_sdk"
BUNDLED_CONTAINERS = Path(__file__).resolve().parent / "_containers"


def sdk_folder(language: str) -> Path:
    """The folder of an SDK: "node", "python", "go" or "ruby"."""
    bundled = BUNDLED / language
    return bundled if bundled.exists() else REPOSITORY / f"sdk-{language}"


def containers_folder() -> Path:
    """The folder of Containerfiles, compose.yaml and manifests."""
    return BUNDLED_CONTAINERS if BUNDLED_CONTAINERS.exists() else REPOSITORY / "containers"
