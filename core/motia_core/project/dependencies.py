"""What a project needs installed, and the commands of the tools that it uses for it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STAMP = ".motia-core"  # in the folder of what is installed: what it was made from
# The first that is there says which tool a project uses, unless package.json names it in packageManager.
LOCKFILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
FROZEN = {  # where the lockfile must not change
    "npm": ("npm", "ci"),
    "pnpm": ("pnpm", "install", "--frozen-lockfile"),
    "yarn": ("yarn", "install", "--frozen-lockfile"),
    "bun": ("bun", "install", "--frozen-lockfile"),
}
QUIET = {"npm": ("--no-audit", "--no-fund")}
REBUILD = {"npm": ("npm", "rebuild", "--no-bin-links"), "pnpm": ("pnpm", "rebuild")}  # runs the scripts afterwards
ENVIRONMENT = "python_modules"  # of a project that has none; as in 0.x
TRANSPORT = ("grpcio>=1.62", "protobuf>=4.25")  # what our SDK needs in an environment of another Python than ours
_CALLS_US = re.compile(r"\bmotia(-core)?\s+install\b")
_INCLUDED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)


class DependencyError(ValueError):
    """It cannot be said how to install them; says what is missing, and what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Installation:
    """What installs the packages of one language."""

    language: str
    tool: str
    commands: tuple[tuple[str, ...], ...]
    folder: Path  # where the packages are afterwards
    sources: tuple[Path, ...]  # the files that say what they are
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)  # what else makes another installation of it

    def is_done(self) -> bool:
        """Whether it was done, and nothing that it was made from has changed since."""
        try:
            return (self.folder / STAMP).read_text() == self._digest()
        except OSError:
            return False

    def done(self) -> None:
        """Remember that it was done."""
        if self.folder.is_dir():
            (self.folder / STAMP).write_text(self._digest())

    def forget(self) -> None:
        """It is not known any more to be done."""
        (self.folder / STAMP).unlink(missing_ok=True)

    def _digest(self) -> str:
        summary = hashlib.blake2b(repr(sorted(self.facts.items())).encode(), digest_size=16)
        for path in self.sources:
            summary.update(path.read_bytes() if path.is_file() else b"-")
        return f"{summary.hexdigest()}\n"


def node_installation(project: Path, *, frozen: bool = False, ignore_scripts: bool = False) -> Installation | None:
    """How to install what package.json names; None when that is nothing.

    Raises:
        DependencyError: package.json cannot be read, or the tool is not there.
    """
    manifest = manifest_of(project)
    if not any(manifest.get(section) for section in SECTIONS):
        return None
    tool, locks = node_tool(project, manifest)
    program = _program(tool)
    scripts = manifest.get("scripts")
    mine = " ".join(map(str, scripts.values())) if isinstance(scripts, dict) else ""
    # A project of 0.x has "postinstall": "motia install", and the npm package `motia`, whose command that would run.
    # So scripts are run afterwards, when ours is in the place of that.
    rebuilds = not ignore_scripts and tool in REBUILD and bool(_CALLS_US.search(mine))
    base = FROZEN[tool] if frozen else (tool, "install")
    skipping = ("--ignore-scripts",) if ignore_scripts or rebuilds else ()
    commands = [(*program, *base[1:], *QUIET.get(tool, ()), *skipping)]
    if rebuilds:
        commands.append((*program, *REBUILD[tool][1:]))
    several = sorted({name for name in locks if LOCKFILES[name] != tool})
    notes = (f"{' and '.join(several)} is there too: name one tool in packageManager of package.json",)
    return Installation(
        "node",
        tool,
        tuple(commands),
        project / "node_modules",
        (project / "package.json", *(project / name for name, owner in LOCKFILES.items() if owner == tool)),
        notes if several else (),
        {"tool": tool, "scripts": "no" if ignore_scripts else "yes"},
    )


def node_tool(project: Path, manifest: Mapping[str, object]) -> tuple[str, list[str]]:
    """The tool that a project uses for its packages, and the lockfiles in its folder; a workspace above it may say."""
    locks = [name for name in LOCKFILES if (project / name).is_file()]
    named = str(manifest.get("packageManager") or "").partition("@")[0]
    if named in FROZEN:
        return named, locks
    if locks:
        return LOCKFILES[locks[0]], locks
    for folder in project.resolve().parents:
        above = next((LOCKFILES[name] for name in LOCKFILES if (folder / name).is_file()), "")
        if above and _is_workspace(folder):
            return above, locks
        if (folder / ".git").exists():
            break
    return "npm", locks


def python_installation(project: Path, python: Path | None, version: tuple[int, int] | None) -> Installation | None:
    """How to install what requirements.txt, uv.lock or pyproject.toml name; None when that is nothing.

    Args:
        python: The interpreter of the project's environment, if it has one.
        version: The version of that.

    Raises:
        DependencyError: uv is needed and not there, or a file cannot be read.
    """
    uv = shutil.which("uv")
    requirements, lock, pyproject = (project / name for name in ("requirements.txt", "uv.lock", "pyproject.toml"))
    if lock.is_file():
        if uv is None:
            raise DependencyError("the project has a uv.lock, and uv is not installed", "pip install uv")
        return Installation("python", "uv", ((uv, "sync"),), project / ".venv", (lock, pyproject))
    wanted: tuple[str, ...]
    if requirements.is_file():
        wanted, sources = ("-r", "requirements.txt"), _with_included(requirements)
    elif names := _dependencies(pyproject):
        wanted, sources = tuple(names), (pyproject,)
    else:
        return None
    folder = python.parent.parent if python else project / ENVIRONMENT
    interpreter = folder / "bin" / "python"
    commands: list[tuple[str, ...]] = []
    if python is None:
        made_by = (uv, "venv", "--python", sys.executable) if uv else (sys.executable, "-m", "venv", "--clear")
        commands.append((*made_by, str(folder)))
    if version not in (None, sys.version_info[:2]):
        wanted += TRANSPORT
    commands.append((*_pip(interpreter, uv, is_new=python is None), *wanted))
    tool = "uv" if uv else "pip"
    return Installation("python", tool, tuple(commands), folder, sources, (), {"folder": folder.name})


def _pip(interpreter: Path, uv: str | None, *, is_new: bool) -> tuple[str, ...]:
    """What installs packages into an environment; one that uv made has no pip of its own."""
    if uv:
        return uv, "pip", "install", "--python", str(interpreter)
    if is_new or any(interpreter.parent.parent.glob("lib/python*/site-packages/pip")):
        return str(interpreter), "-m", "pip", "install"
    return sys.executable, "-m", "pip", "--python", str(interpreter), "install"


def upstream_packages(manifest: Mapping[str, object]) -> list[str]:
    """The packages of Motia 0.x that a package.json names."""
    sections = (manifest.get(section) for section in ("dependencies", "devDependencies"))
    names = {name for section in sections if isinstance(section, dict) for name in section}
    return sorted(name for name in names if name == "motia" or name.startswith("@motiadev/"))


def manifest_of(project: Path) -> Mapping[str, object]:
    """package.json; empty when there is none.

    Raises:
        DependencyError: It cannot be read.
    """
    path = project / "package.json"
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DependencyError(f"package.json cannot be read: {error}") from error
    return content if isinstance(content, dict) else {}


def _is_workspace(folder: Path) -> bool:
    if (folder / "pnpm-workspace.yaml").is_file():
        return True
    try:
        return bool(manifest_of(folder).get("workspaces"))
    except DependencyError:
        return False


def _program(tool: str) -> tuple[str, ...]:
    if found := shutil.which(tool):
        return (found,)
    if tool in ("pnpm", "yarn") and (corepack := shutil.which("corepack")):
        return (corepack, tool)
    if tool == "npm":
        raise DependencyError("npm was not found", "install Node.js 20 or newer: npm is a part of it")
    raise DependencyError(f"the project uses {tool}, which is not installed", f"npm install -g {tool}")


def _with_included(requirements: Path) -> tuple[Path, ...]:
    """A file of requirements, and those that it names."""
    found, pending = [], [requirements]
    while pending:
        path = pending.pop()
        if path in found or not path.is_file():
            continue
        found.append(path)
        text = path.read_text("utf-8", errors="replace")
        pending += (path.parent / name for name in _INCLUDED.findall(text) if "://" not in name)
    return tuple(found)


def _dependencies(pyproject: Path) -> Sequence[str]:
    try:
        content = tomllib.loads(pyproject.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise DependencyError(f"pyproject.toml cannot be read: {error}") from error
    project = content.get("project")
    names = project.get("dependencies") if isinstance(project, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, Iterable) else ()
