"""What user code finds in its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.errors import SettingsError
from motia_core.project.env import project_environment, sidecar_environment


def test_dotenv_adds_and_does_not_override(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=from-file\nB='two words'\nexport C=3 # comment\nEMPTY=\n\n# D=4\n")
    env = project_environment(tmp_path, {"A": "real", "PATH": "/bin"})
    assert env == {"A": "real", "PATH": "/bin", "B": "two words", "C": "3", "EMPTY": ""}


def test_values_are_not_interpolated(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PASSWORD=a${HOME}$b\n")
    assert project_environment(tmp_path, {"HOME": "/h"})["PASSWORD"] == "a${HOME}$b"


def test_without_dotenv_the_environment_is_as_it_is(tmp_path: Path) -> None:
    assert project_environment(tmp_path, {"A": "1"}) == {"A": "1"}


def test_dotenv_with_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=1\r\nB=2\r\n")
    assert project_environment(tmp_path, {}) == {"A": "1", "B": "2"}


def test_dotenv_that_is_no_text_is_an_error_that_shows_no_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SECRET=hunter2\xff\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read") as raised:
        project_environment(tmp_path, {})
    assert "hunter2" not in raised.value.message


def test_node_env_is_development_when_unset(tmp_path: Path) -> None:
    assert sidecar_environment(tmp_path, {})["NODE_ENV"] == "development"
    assert sidecar_environment(tmp_path, {"NODE_ENV": "production"})["NODE_ENV"] == "production"
    (tmp_path / ".env").write_text("NODE_ENV=test")
    assert sidecar_environment(tmp_path, {})["NODE_ENV"] == "test"


def test_user_code_does_not_get_the_admin_token(tmp_path: Path) -> None:
    assert "MOTIA_HTTP_ADMIN_TOKEN" not in sidecar_environment(tmp_path, {"MOTIA_HTTP_ADMIN_TOKEN": "s"})
    assert "MOTIA_HTTP_ADMIN_TOKEN" in project_environment(tmp_path, {"MOTIA_HTTP_ADMIN_TOKEN": "s"})
