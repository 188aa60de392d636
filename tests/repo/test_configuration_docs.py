"""Every setting has one row in docs/configuration.md, with its variable and its default."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.settings_load import Setting, known, read_value
from tests.repo.repository import ROOT, code, table

PAGE = ROOT / "docs" / "configuration.md"


def rows() -> dict[str, list[str]]:
    return {code(row[0]): row for row in table(PAGE, "Settings")}


def test_settings_have_one_row_each_in_the_order_of_the_code() -> None:
    assert [code(row[0]) for row in table(PAGE, "Settings")] == list(known())


@pytest.mark.parametrize("setting", known().values(), ids=lambda setting: setting.name)
def test_row_has_variable_default_and_meaning(setting: Setting) -> None:
    _, variable, default, meaning = rows()[setting.name]
    assert code(variable) == setting.env
    assert meaning
    if setting.default is None:
        assert default == "–"
    elif setting.default == {}:
        assert default in ("`1` each", "–")
    else:
        assert Path("/p") / str(read_value(setting, code(default), Path("/p"))) == Path("/p") / str(setting.default)
