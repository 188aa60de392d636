"""`motia-core docker`: which files it writes, and what it asks the engine for. tests/containers runs it for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from motia_core import __version__

BIN = Path(sys.executable).parent
# Stands where docker or podman are: writes down what it is asked, with a variable, and ends as it is told.
ENGINE = """#!{python}
import json, os, sys
with open(os.environ["ASKED"], "a") as file:
    print(json.dumps([sys.argv, os.environ.get("SECRET")]), file=file)
sys.exit(int(os.environ.get("CODE", 0)))
"""


class Desk:
    """A project, and an engine that only writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "My Shop"
        (self.project / "steps").mkdir(parents=True)
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._asked = folder / "asked"

    def has(self, engine: str) -> None:
        path = self.bin / engine
        path.write_text(ENGINE.format(python=sys.executable))
        path.chmod(0o755)

    def run(self, *arguments: str, code: int = 0, engine_code: int = 0) -> str:
        environment = {"PATH": str(self.bin), "ASKED": str(self._asked), "CODE": str(engine_code)}
        command = [BIN / "motia-core", "docker", *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=environment, capture_output=True, text=True, check=False, timeout=50,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def asked(self) -> list[tuple[list[str], str | None]]:
        return [tuple(json.loads(line)) for line in self._asked.read_text().splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_setup_writes_what_is_missing_and_keeps_what_is_there(desk: Desk) -> None:
    (desk.project / ".dockerignore").write_text("mine")
    assert "written" in desk.run("setup")
    assert (desk.project / "Dockerfile").exists()
    assert (desk.project / ".dockerignore").read_text() == "mine"
    desk.run("setup")  # again
    (desk.project / "Dockerfile").write_text("FROM mine")
    assert "has Dockerfile of its own; nothing was written" in desk.run("setup", code=1)
    assert (desk.project / "Dockerfile").read_text() == "FROM mine"
    desk.run("setup", "--force")
    assert (desk.project / "Dockerfile").read_text() != "FROM mine"


def test_setup_apart_writes_the_folder_containers(desk: Desk) -> None:
    desk.run("setup", "--apart")
    written = {path.name for path in (desk.project / "containers").rglob("*") if path.is_file()}
    assert {"compose.yaml", "core.Containerfile", "sidecar-python.Containerfile", "one-pod.yaml"} <= written
    assert not (desk.project / "Dockerfile").exists()


def test_build_asks_docker_for_an_image_with_this_version(desk: Desk) -> None:
    desk.has("docker")
    desk.has("podman")
    desk.run("setup")
    desk.run("build", "--build-arg", "BASE=python:3.13-slim")
    ((command, _),) = desk.asked()
    assert command == [
        str(desk.bin / "docker"), "build", "--tag", "my-shop", "--build-arg", f"MOTIA=motia-core=={__version__}",
        "--build-arg", "BASE=python:3.13-slim", str(desk.project),
    ]  # fmt: skip


def test_podman_is_asked_for_the_format_with_health_checks(desk: Desk) -> None:
    desk.has("podman")
    desk.run("setup")
    desk.run("build", "-n", "shop")
    ((command, _),) = desk.asked()
    assert command[:6] == [str(desk.bin / "podman"), "build", "--tag", "shop", "--format", "docker"]


def test_run_builds_and_passes_on_variables_by_name(desk: Desk) -> None:
    desk.has("docker")
    desk.run("setup")
    (desk.project / ".env").write_text("SECRET='of the project'\nMOTIA_DATA_DIR=elsewhere\n")
    assert "http://127.0.0.1:8080" in desk.run("run", "-p", "8080")
    (built, _), (ran, secret) = desk.asked()
    assert built[1] == "build"
    assert ran[1:] == [
        "run", "--rm", "--publish", "127.0.0.1:8080:3000", "--volume", "my-shop-data:/data", "--env", "SECRET",
        "my-shop",
    ]  # fmt: skip
    assert secret == "of the project"
    desk.run("run", "--skip-build")
    assert [command[1] for command, _ in desk.asked()] == ["build", "run", "run"]


def test_what_is_wrong_is_said(desk: Desk) -> None:
    assert "neither docker nor podman is on the PATH" in desk.run("build", code=1)
    desk.has("docker")
    assert "no Dockerfile" in desk.run("build", code=1)
    desk.run("setup")
    assert "docker build ended with exit code 3" in desk.run("run", code=1, engine_code=3)
    assert "--build-arg takes NAME=VALUE" in desk.run("build", "--build-arg", "BASE", code=2)
