"""Which language groups a change of files concerns."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.model.language import NODE, PYTHON, Language, Languages
from motia_core.model.project import Project
from motia_core.project.affected import Affected, Changes, Loaded, affected
from tests.fakes.projects import a_project

ROOT = Path("/shop")
INCLUDING = a_project(
    {"steps/mail/send.step.ts": {"type": "noop", "name": "S", "includeFiles": ["./texts/*.txt", "../shared.md"]}}
)


def of(*paths: str, failing: tuple[str, ...] = (), project: Project = INCLUDING) -> Affected:
    imported = {"node": {"/shop/lib/a.ts", "/elsewhere/b.ts"}, "python": {"/shop/lib/a.py"}}
    places = frozenset(path if path.startswith("/") else f"/shop/{path}" for path in paths)
    return affected(Changes(changed=places), Loaded(ROOT, project, imported, failing))


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("lib/a.ts", {"node"}),
        ("/elsewhere/b.ts", {"node"}),
        ("lib/a.py", {"python"}),
        ("lib/other.py", set()),
        ("lib/other.ts", set()),
        ("README.md", set()),
        ("motia.config.ts", {"node"}),
        ("motia.config.py", {"python"}),
        ("lib/motia.config.py", set()),
        ("steps/mail/texts/hello.txt", {"node"}),
        ("steps/mail/texts/deep/hello.txt", set()),
        ("steps/shared.md", {"node"}),
        ("shared.md", set()),
    ],
)
def test_groups_are_those_that_have_it(path: str, groups: set[str]) -> None:
    assert of(path) == Affected(frozenset(groups))


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        (".env", {"node", "python"}),
        ("package.json", {"node"}),
        ("tsconfig.json", {"node"}),
        ("node_modules/.package-lock.json", {"node"}),
        (".venv/pyvenv.cfg", {"python"}),
        ("python_modules/lib/python3.12/site-packages", {"python"}),
    ],
)
def test_what_processes_get_at_their_start_makes_them_stale(path: str, groups: set[str]) -> None:
    assert of(path) == Affected(frozenset(groups), environment=True)


def test_settings_concern_no_sidecar() -> None:
    assert of("motia.toml") == Affected(settings=True)


def test_anything_of_its_language_may_heal_a_group_that_fails() -> None:
    assert of("lib/other.ts", failing=("node",)) == Affected(frozenset({"node"}))
    assert of("lib/other.py", failing=("node",)) == Affected()
    assert of("notes.md", failing=("node", "python")) == Affected()


def test_files_of_a_language_that_does_not_say_what_it_imports_all_matter() -> None:
    elixir = Language("elixir", "Elixir", {"ex": "elixir"}, frozenset({".ex"}), frozenset({"mix.exs"}))
    languages = Languages([NODE, PYTHON, elixir])

    def of(path: str, imported: set[str] | None) -> Affected:
        loaded = Loaded(ROOT, INCLUDING, {"elixir": imported, "python": set()}, (), languages)
        return affected(Changes(changed=frozenset({f"/shop/{path}"})), loaded)

    assert of("lib/a.ex", None).groups == {"elixir"}
    assert of("lib/a.ex", set()).groups == set()
    assert of("lib/a.py", None).groups == set()
    assert of("mix.exs", None) == Affected(frozenset({"elixir"}), environment=True)
