"""The image that everything is built on here: Debian with Python and this machine's Node, made without a registry."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.containers.engine import KEPT, Podman

RELEASE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates,libstdc++6"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
GO = Path("/usr/local/go")  # where golang images have it, too
# What this machine trusts, and where its pip looks: builds reach the registries as it does.
TAKEN_ALONG = [path for path in (Path(CERTIFICATES), Path("/etc/pip.conf")) if path.is_file()]
# What tells pip, npm and go of this machine where to look is true in builds as well.
TOLD = re.compile(r"(PIP|NPM_CONFIG|npm_config|GOPROXY|GOSUMDB|GOFLAGS|GONOSUMDB|NODE_EXTRA_CA_CERTS).*")
NOT_TOLD = re.compile(r".*(prefix|cache|userconfig|globalconfig|FIND_LINKS|init_module|_PREFIX)$", re.IGNORECASE)


def base_image(podman: Podman) -> str:
    """The name of the image; it is made when it is not there yet, which takes a minute."""
    node = Path(os.path.realpath(shutil.which("node") or ""))
    npm = Path(os.path.realpath(shutil.which("npm") or "")).parents[1]
    told = environment()
    parts = [RELEASE, PACKAGES, str(node.stat().st_size), str(told), *(path.read_text() for path in TAKEN_ALONG)]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    name = f"localhost/motia-tests-base:{key}"
    if not podman.has_image(name):
        with tempfile.TemporaryDirectory(dir=KEPT) as folder:
            root = Path(folder) / "root"
            command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(root)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=600)
            shutil.copy(node, root / "usr/local/bin/node")
            shutil.copytree(npm, root / "usr/local/lib/node_modules/npm", symlinks=True)
            for path in TAKEN_ALONG:
                shutil.copy(path, root / path.relative_to("/"))
            _slim(root)
            _import(podman, root, name, told)
    return name


def environment() -> dict[str, str]:
    """What the image sets."""
    path = f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{GO}/bin"
    told = {name: value for name, value in os.environ.items() if TOLD.fullmatch(name) and not NOT_TOLD.match(name)}
    return {"PATH": path, "NODE_EXTRA_CA_CERTS": CERTIFICATES, **told}


def _slim(root: Path) -> None:
    for needless in (
        "var/cache/apt/archives",
        "var/lib/apt/lists",
        "usr/share/doc",
        "usr/share/locale",
        "usr/share/man",
    ):
        shutil.rmtree(root / needless, ignore_errors=True)
    (root / "var/cache/apt/archives/partial").mkdir(parents=True)
    (root / "var/lib/apt/lists/partial").mkdir(parents=True)


def _import(podman: Podman, root: Path, name: str, told: dict[str, str]) -> None:
    changes = [part for variable, value in told.items() for part in ("-c", f"ENV {variable}={value}")]
    with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as packed:
        assert packed.stdout is not None
        podman.run("import", *changes, "-", name, stdin=packed.stdout.fileno())
    assert packed.returncode == 0
