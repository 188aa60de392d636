"""What `from motia import …` gives."""

from __future__ import annotations

from pathlib import Path

import pytest

import motia

MODULES = {path.stem for path in Path(motia.__file__).parent.glob("*.py")}


@pytest.mark.parametrize("name", sorted(motia.__all__))
def test_every_name_is_there_and_no_module_takes_its_place(name: str) -> None:
    assert getattr(motia, name) is not None
    assert name not in MODULES  # importing it would make `motia.name` the module
