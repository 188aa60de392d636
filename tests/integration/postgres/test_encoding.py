"""Databases that were made without an encoding, as `initdb` does in a bare container."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from tests.fakes.postgres import PostgresServer
from tests.integration.postgres.conftest import Cores


def test_text_is_text_when_the_database_has_no_encoding(postgres: PostgresServer, tmp_path: Path) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")

    async def scenario() -> None:
        async with Cores(postgres.url("bare"), tmp_path).opened() as store:
            await store.state.set("grüße", "é", b'"\xc3\xbc"', version=1)
            assert await store.state.get("grüße", "é") == (b'"\xc3\xbc"', 1)

    asyncio.run(scenario())
