"""docs/data-directory.md names every table."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData

from motia_core.store.tables import durable, recorded
from tests.repo.repository import ROOT, code, table

PAGE = ROOT / "docs" / "data-directory.md"


@pytest.mark.parametrize(("title", "metadata"), [("Tables of motia.db", durable), ("Tables of traces.db", recorded)])
def test_every_table_has_a_row(title: str, metadata: MetaData) -> None:
    assert sorted(code(row[0]) for row in table(PAGE, title)) == sorted(metadata.tables)
