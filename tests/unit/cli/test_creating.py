"""`motia-core create` and `generate step`: what is written, what is refused, what is said."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from motia_core.cli import prompting
from motia_core.project.templates import FOLDER, TEMPLATES, package_name
from tests.unit.cli.test_commands import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motia_core.cli.creating.is_conversation", lambda: True)
    monkeypatch.setattr("motia_core.cli.scaffolding.is_conversation", lambda: True)


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_project_is_strict_and_named_after_its_folder(template: str, folder: Path) -> None:
    result = run("create", "My Shop", "-t", template)
    assert result.exit_code == 0, result.output
    project = folder / "My Shop"
    assert tomllib.loads((project / "motia.toml").read_text())["validation"] == {"mode": "strict"}
    assert (project / "README.md").read_text().startswith("# my-shop\n")
    if (project / "package.json").exists():
        assert json.loads((project / "package.json").read_text())["name"] == "my-shop"
    assert ".env\n" in (project / ".gitignore").read_text()
    assert not [path for path in project.rglob("*") if path.is_file() and "{{name}}" in path.read_text()]


def test_what_to_do_next_is_said(folder: Path) -> None:
    told = run("create", "my-app", "--template", "python").stdout
    assert told.split("Next:")[1].split() == ["cd", "my-app", "motia-core", "install", "motia-core", "dev"]
    assert "motia-core install" not in run("create", "other", "--template", "javascript").stdout


def test_name_of_motia_0x_for_a_template_is_understood(folder: Path) -> None:
    assert run("create", "a", "--template", "starter-multilang").exit_code == 0
    assert (folder / "a" / "steps" / "write_greeting_step.py").exists()


def test_unknown_template_is_refused_with_a_suggestion(folder: Path) -> None:
    result = run("create", "a", "--template", "typscript")
    assert (result.exit_code, list(folder.iterdir())) == (2, [])
    assert "did you mean typescript?" in result.stderr


def test_nothing_is_replaced(folder: Path) -> None:
    (folder / "package.json").write_text("mine")
    result = run("create", ".", "--template", "typescript")
    assert result.exit_code == 1
    assert "package.json already; nothing was written" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["package.json"]


def test_readme_and_gitignore_of_a_new_repository_stay(folder: Path) -> None:
    (folder / "README.md").write_text("mine")
    result = run("create", ".", "--template", "javascript")
    assert result.exit_code == 0, result.output
    assert (folder / "README.md").read_text() == "mine"
    assert "README.md stayed" in result.stdout
    assert "cd " not in result.stdout


def test_script_without_a_folder_is_told_what_to_write() -> None:
    result = run("create", "--yes")
    assert (result.exit_code, "motia-core create my-app" in result.stderr) == (2, True)


def test_installation_that_fails_leaves_the_project_and_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))  # there is no npm
    result = run("create", "shop", "--template", "typescript", "--install")
    assert result.exit_code == 1
    assert "npm was not found" in result.stdout
    assert "the packages for node are not installed" in result.stderr
    assert result.stdout.split("Next:")[1].split()[2:] == ["motia-core", "install", "motia-core", "dev"]


@pytest.mark.usefixtures("terminal")
def test_terminal_is_asked_for_what_is_missing(folder: Path) -> None:
    result = run("create", input="shop\n2\n")
    assert result.exit_code == 0, result.output
    assert (folder / "shop" / "steps" / "write-greeting.step.js").exists()


@pytest.mark.usefixtures("terminal")
def test_terminal_is_asked_again_after_a_wrong_answer(folder: Path) -> None:
    result = run("create", "shop", input="9\npython\nn\n")
    assert result.exit_code == 0, result.output
    assert (folder / "shop" / "requirements.txt").exists()
    assert "motia-core install" in result.stdout


@pytest.mark.parametrize("name", ["My App", "@scope/thing", "ünï", "..."])
def test_package_names_suit_npm(name: str) -> None:
    assert package_name(Path(name)).replace("-", "").replace(".", "").isalnum()


@pytest.mark.parametrize("kind", ["api", "event", "cron", "noop"])
@pytest.mark.parametrize(
    ("language", "file"),
    [
        ("typescript", "send-mail.step.ts"),
        ("javascript", "send-mail.step.js"),
        ("python", "send_mail_step.py"),
        ("go", "send_mail_step.go"),
        ("ruby", "send_mail_step.rb"),
    ],
)
def test_step_is_written_where_steps_are(kind: str, language: str, file: str, folder: Path) -> None:
    (folder / "src").mkdir()
    result = run("generate", "step", "SendMail", "--type", kind, "--language", language)
    assert (result.exit_code, result.stdout) == (0, f"src/{file}: written\n"), result.output
    text = (folder / "src" / file).read_text()
    assert "SendMail" in text
    assert "{{" not in text


def test_values_of_a_step_are_those_of_the_flags(folder: Path) -> None:
    flags = ["--method", "post", "--path", "/mails/:id", "--flow", "mail", "-d", "steps/mail"]
    run("generate", "step", "send mail", "-l", "python", *flags)
    scope: dict[str, object] = {}
    exec((folder / "steps" / "mail" / "send_mail_step.py").read_text(), scope)
    config = scope["config"]
    assert isinstance(config, dict)
    assert (config["name"], config["method"], config["path"]) == ("SendMail", "POST", "/mails/:id")
    assert config["flows"] == ["mail"]


def test_language_is_the_usual_one_of_the_project(folder: Path) -> None:
    run("create", ".", "-t", "python")
    assert run("generate", "step", "Look").stdout == "steps/look_step.py: written\n"
    assert run("generate", "stream", "liveBoard").stdout == "steps/live_board_stream.py: written\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["9lives"], "begins with a letter"),
        (["Look", "--path", "look"], "begins with /"),
        (["Look", "--type", "event", "--topic", "it's"], "without quotes"),
        (["Look", "-d", "elsewhere"], "steps and src only"),
        (["Look", "-d", "steps/../.."], "steps and src only"),
        (["Look", "-l", "pyton"], "did you mean python?"),
        (["Look", "-l", "cobol"], "there is no pattern for a new api step in 'cobol'"),
        ([], "no name"),
    ],
)
def test_wrong_values_are_refused(arguments: list[str], said: str, folder: Path) -> None:
    result = run("generate", "step", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(folder.iterdir()) == []


def test_step_that_is_there_is_not_replaced(folder: Path) -> None:
    run("generate", "step", "Look")
    result = run("generate", "step", "look")
    assert (result.exit_code, "is there already" in result.stderr) == (1, True)


@pytest.mark.usefixtures("terminal")
def test_terminal_is_asked_for_name_type_and_language(folder: Path) -> None:
    result = run("generate", "step", input="Send mail\nevent\n3\n")
    assert result.exit_code == 0, result.output
    assert '"subscribes": ["send.mail"]' in (folder / "steps" / "send_mail_step.py").read_text()


def test_scripts_are_never_asked() -> None:
    assert not prompting.is_conversation()


def test_templates_have_no_file_that_is_hidden_in_this_repository() -> None:
    assert list(FOLDER.rglob(".*")) == []


@pytest.mark.parametrize(("place", "package"), [("order-board", "orderboard"), ("06-board", "board"), ("6", "steps")])
def test_go_is_told_its_package(place: str, package: str, folder: Path) -> None:
    run("generate", "stream", "board", "-l", "go", "-d", f"steps/{place}")
    assert (folder / "steps" / place / "board_stream.go").read_text().startswith(f"package {package}\n")


def test_sdk_brings_its_own_patterns(folder: Path) -> None:
    patterns = folder / "my-sdk" / "new"
    patterns.mkdir(parents=True)
    (patterns / "api.step.tiny.tmpl").write_text("serves {{METHOD}} {{path}} as {{Name}}\n")
    (folder / "my-sdk" / "sdk.toml").write_text(
        'group = "tiny"\nsuffixes = { tiny = "tiny" }\ncommand = ["tiny"]\npatterns = "new"\n'
    )
    (folder / "motia.toml").write_text('[sidecars]\nsdks = ["my-sdk"]\n')
    assert run("generate", "step", "SendMail", "-l", "tiny").stdout == "steps/send-mail.step.tiny: written\n"
    assert (folder / "steps" / "send-mail.step.tiny").read_text() == "serves GET /send-mail as SendMail\n"
    refused = run("generate", "step", "SendMail", "-l", "tiny", "--type", "cron")
    assert (refused.exit_code, "cron step in 'tiny'" in refused.stderr) == (2, True)
