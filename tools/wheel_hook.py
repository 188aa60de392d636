"""Hatch's build hook: puts the SDKs into the wheel, the one for Node with the packages that it needs at run time.

What is native in these, esbuild's program, is of one platform, and so is the wheel; MOTIA_WHEEL_PLATFORM names another
than this machine's (docs/decisions/0033-what-is-in-the-wheel.md).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "MOTIA_WHEEL_PLATFORM"
# Node's names of platforms, and the tags of wheels. esbuild's program is linked statically: any libc will do.
TAGS = {
    "linux-x64": "manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux-arm64": "manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin-x64": "macosx_11_0_x86_64",
    "darwin-arm64": "macosx_11_0_arm64",
}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
# Packages bring much that only their developers need. Types of our own SDK stay: editors read them.
NEEDLESS = (".map", ".md", ".ts", ".mts", ".cts", ".yml", ".npmignore", ".nycrc", ".eslintrc", ".flow", ".markdown")
BUILT = ("sdk-node/dist/main.js", "core/motia_core/workbench/static/index.html")


class BundledSdks(BuildHookInterface):  # type: ignore[type-arg]  # its builder is of no interest
    """Hatch finds it by its base class."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See Hatch. An editable installation uses the SDKs of the repository."""
        if version == "editable":
            return
        root = Path(self.root)
        missing = [name for name in BUILT if not (root / name).exists()]
        if missing:
            sys.exit(f"the wheel needs {' and '.join(missing)}, which make setup builds: run make wheel")
        target = os.environ.get(VARIABLE) or this_platform()
        if target not in TAGS:
            sys.exit(f"{VARIABLE} must be one of {', '.join(TAGS)}, it is {target!r}")
        included = build_data["force_include"]
        included[str(node_sdk(root, target))] = "motia_core/_sdk/node"
        included[str(root / "sdk-python" / "motia")] = "motia_core/_sdk/python/motia"
        included[str(root / "sdk-python" / "motia_type_definitions.py")] = (
            "motia_core/_sdk/python/motia_type_definitions.py"
        )
        for part in ("sdk.toml", "README.md", "bin", "lib", "conformance", "patterns"):
            included[str(root / "sdk-ruby" / part)] = f"motia_core/_sdk/ruby/{part}"
        included[str(root / "containers")] = "motia_core/_containers"
        included[str(root / "docs" / "protocol.md")] = "motia_core/conformance/protocol.md"
        for part in ("conformance", "patterns"):
            included[str(root / "sdk-go" / part)] = f"motia_core/_sdk/go/{part}"
        for path in go_sdk(root):
            included[str(path)] = f"motia_core/_sdk/go/{path.relative_to(root / 'sdk-go')}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{TAGS[target]}"


def go_sdk(root: Path) -> list[Path]:
    """What the Go SDK is built from; its modules come through Go itself."""
    folder = root / "sdk-go"
    sources = [path for path in folder.rglob("*.go") if "conformance" not in path.parts]
    found = [path for path in sources if not path.name.endswith("_test.go")]
    return sorted([*found, *(folder / name for name in ("go.mod", "go.sum", "sdk.toml"))])


def this_platform() -> str:
    """The platform of this machine as Node names it."""
    return f"{sys.platform}-{MACHINES.get(platform.machine().lower(), platform.machine())}"


def node_sdk(root: Path, target: str) -> Path:
    """Build the folder of the Node SDK with its packages for a platform, without what nobody needs at run time."""
    folder = root / "build" / "wheel" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / "sdk-node" / name, folder)
    system, _, machine = target.partition("-")
    command = [
        "npm",
        "install",
        "--omit=dev",
        "--omit=peer",
        "--ignore-scripts",
        "--no-save",
        "--no-audit",
        "--no-fund",
    ]
    subprocess.run([*command, f"--os={system}", f"--cpu={machine}"], cwd=folder, check=True)
    packages = folder / "node_modules"
    if not (packages / "@esbuild" / target / "bin" / "esbuild").exists():
        sys.exit(f"npm did not install esbuild's program for {target}")
    for needless in (packages / ".bin", packages / "@types", packages / ".package-lock.json"):
        shutil.rmtree(needless) if needless.is_dir() else needless.unlink(missing_ok=True)
    for path in packages.rglob("*"):
        if path.is_file() and path.name.endswith(NEEDLESS) and not path.name.lower().startswith("licen"):
            path.unlink()
    (folder / "package-lock.json").unlink()
    shutil.copytree(root / "sdk-node" / "motiadev-test", folder / "motiadev-test")
    shutil.copytree(root / "sdk-node" / "dist", folder / "dist", ignore=shutil.ignore_patterns(".done"))
    return folder
