"""What to do about files that did not load, and where: from what the project says about itself, in package.json say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from motia_core.model.project import Problem, Project
from motia_core.project.config_file import NAMES as CONFIG_NAMES

RELATIVE = re.compile(r"^(\.{0,2}/|file:|[A-Za-z]:)")
# modules whose package has another name; only those that are met often
PYPI_NAMES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dotenv": "python-dotenv",
    "jwt": "pyjwt",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
SDK = "motia"  # it is there, whatever is installed
NPM_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_SAYS_MISSING = re.compile(r"environment|env\b|required|missing|not set|undefined|KeyError", re.IGNORECASE)


def with_remedies(root: Path, project: Project) -> Project:
    """The project, with a remedy for each problem that has none, and the place of imports, where they are known."""
    facts = ProjectFacts(root)
    problems = (
        problem if problem.remedy else replace(problem, remedy=_remedy(problem, facts)) for problem in project.problems
    )
    return replace(project, problems=tuple(_placed(problem, root) for problem in problems))


class ProjectFacts:
    """What a project declares. Files are read when they are asked for; one that cannot be read declares nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def npm_packages(self) -> frozenset[str]:
        try:
            content = json.loads(self._text("package.json"))
        except ValueError:
            return frozenset()
        sections = (content.get(name) for name in NPM_SECTIONS) if isinstance(content, dict) else ()
        return frozenset(name for section in sections if isinstance(section, dict) for name in section)

    @cached_property
    def python_packages(self) -> frozenset[str]:
        return frozenset(_normal(name) for name in _REQUIREMENT.findall(self._text("requirements.txt")))

    @property
    def has_go_module(self) -> bool:
        return (self._root / "go.mod").exists()

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(_VARIABLE.findall(self._text(".env.example")))

    def _text(self, name: str) -> str:
        try:
            return (self._root / name).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return ""


def _placed(problem: Problem, root: Path) -> Problem:
    """With the line of an import that leads nowhere: languages do not say it."""
    module = problem.missing_module
    if problem.line or not module:
        return problem
    named = re.compile(rf"""["'`]{re.escape(module)}["'`]|^\s*(?:import|from)\s+{re.escape(module)}\b""")
    try:
        lines = (root / problem.file).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return problem
    return replace(problem, line=next((at for at, line in enumerate(lines, 1) if named.search(line)), 0))


def _remedy(problem: Problem, facts: ProjectFacts) -> str:
    if problem.severity != "error":
        return ""
    if problem.missing_module:
        language = MISSING.get(Path(problem.file).suffix, _missing_npm)
        return language(problem.missing_module, facts)
    return next((remedy for rule in RULES if (remedy := rule(problem, facts))), "")


def _missing_npm(module: str, facts: ProjectFacts) -> str:
    if RELATIVE.match(module):
        return "check the path of the import: there is no such file"
    package = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
    if package in facts.npm_packages:
        return f"{package} is in package.json but not installed: motia-core install"
    return f"{package} is not in package.json: npm install {package}"


def _missing_python(module: str, facts: ProjectFacts) -> str:
    top = module.split(".")[0]
    if not top:
        return "check the path of the import: there is no such file"
    if top == SDK:
        return f"{module} is not there in motia-core: docs/compatibility.md says what takes its place"
    package = PYPI_NAMES.get(top, top)
    if {_normal(package), _normal(top)} & facts.python_packages:
        return f"{package} is in requirements.txt but not installed: motia-core install"
    return f"{package} is not in requirements.txt: pip install {package}, or check the name of the import"


def _missing_go(module: str, facts: ProjectFacts) -> str:
    if "." not in module.split("/")[0]:
        named = "the name of the module in go.mod, or with project where there is none"
        return f"check the path of the import: it begins with {named}"
    if not facts.has_go_module:
        return f"go mod init project, then go get {module}"
    return f"go get {module}, or check the path of the import"


MISSING: Mapping[str, Callable[[str, ProjectFacts], str]] = {".py": _missing_python, ".go": _missing_go}


def _missing_variable(problem: Problem, facts: ProjectFacts) -> str:
    """A name in the message that .env.example has, or that reads like a variable and is said to be missing."""
    if problem.phase != "import":
        return ""
    named = _VARIABLE.findall(problem.cause)
    declared = [name for name in named if name in facts.variables]
    if declared:
        return f"set {declared[0]} in .env; .env.example shows how"
    if named and _SAYS_MISSING.search(problem.cause):
        return f"set {named[0]} in .env"
    return ""


def _exited(problem: Problem, facts: ProjectFacts) -> str:
    if problem.phase == "import" and re.search(r"\bexit", problem.cause):
        return "the file, or what it imports, ends the process when something is missing; see its output"
    return ""


def _config_file(problem: Problem, facts: ProjectFacts) -> str:
    is_config = any(problem.file in names for names in CONFIG_NAMES.values())
    return "put it right; until then the steps run without its app hook" if is_config else ""


RULES: tuple[Callable[[Problem, ProjectFacts], str], ...] = (_missing_variable, _exited, _config_file)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
