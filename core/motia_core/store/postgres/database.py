"""One PostgreSQL database: connections to it, its schema in place, and what is wrong when it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, NullPool, create_engine, func, insert, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from motia_core import __version__
from motia_core.errors import DatabaseError, StoreTooNewError
from motia_core.store.schema import REVISIONS
from motia_core.store.tables import dead_letters, deliveries, durable, signals

LOCK = 0x6D6F746962  # advisory: who changes the schema
CONNECT_TIMEOUT_S = 10
# A server that went away without a word is noticed (seconds; milliseconds).
ALIVE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
# Where a database has no encoding of its own (SQL_ASCII), text would come as bytes.
ENCODING: dict[str, Any] = {"client_encoding": "UTF8"}
MOST_PREPARED = 1_000  # statements

NEWEST = REVISIONS["durable"][-1]


class Database:
    """A database.

    Args:
        url: postgresql://user:password@host:port/name?options

    Raises:
        DatabaseError: The address makes no sense.
    """

    def __init__(self, url: str, *, synchronous: bool) -> None:
        try:
            self._url = make_url(url).set(drivername="postgresql+psycopg")
        except ArgumentError as error:
            raise DatabaseError(
                f"store.url cannot be read ({error}). Write postgresql://user@host:5432/name."
            ) from None
        self._conninfo = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._synchronous = synchronous
        self.name = self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    async def connect(self) -> AsyncConnection[Any]:
        """A connection in autocommit mode; parameters are $1, $2 ….

        Raises:
            psycopg.Error: That is not possible.
        """
        connection = await AsyncConnection.connect(
            self._conninfo,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            cursor_factory=AsyncRawCursor,
            **ALIVE,
            **ENCODING,
        )
        connection.prepared_max = MOST_PREPARED
        # One type for all integers, so that a statement is prepared once and not for each size of number.
        connection.adapters.register_dumper(int, Int8Dumper)
        if not self._synchronous:
            await connection.execute("SET synchronous_commit = off")
        return connection

    def prepare(self) -> int:
        """Bring the schema to the newest revision; the highest id that is stored. Blocks.

        Raises:
            DatabaseError: The database cannot be used.
            StoreTooNewError: A newer motia-core made it what it is.
        """
        with self.transaction() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            self._prepare(connection)
            queries = [select(func.max(table.c.id)) for table in (deliveries, dead_letters, signals)]
            return max(connection.execute(query).scalar() or 0 for query in queries)

    @contextmanager
    def transaction(self, isolation: IsolationLevel = "READ COMMITTED") -> Iterator[Connection]:
        """A transaction of SQLAlchemy's, for what is rare enough to go through SQLAlchemy."""
        options = {"connect_timeout": CONNECT_TIMEOUT_S, **ENCODING}
        engine = create_engine(self._url, poolclass=NullPool, connect_args=options, isolation_level=isolation)
        try:
            with engine.begin() as connection:
                yield connection
        except (OperationalError, ProgrammingError, psycopg.Error) as error:
            what = str(getattr(error, "orig", error)).strip()
            raise DatabaseError(
                f"{self.name} cannot be used: {what}. Check store.url, that the server runs, and that its user may "
                "create tables."
            ) from error
        finally:
            engine.dispose()

    def _prepare(self, connection: Connection) -> None:
        tables = set(inspect(connection).get_table_names())
        if "alembic_version" not in tables:
            if tables & set(durable.tables):
                raise DatabaseError(
                    f"{self.name} holds tables of another program ({', '.join(sorted(tables & set(durable.tables)))}). "
                    "Give motia-core a database of its own."
                )
            durable.create_all(connection)
            connection.execute(insert(durable.tables["alembic_version"]), {"version_num": NEWEST})
            return
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "none"
        if revision not in REVISIONS["durable"]:
            raise StoreTooNewError(
                f"{self.name} has schema revision {revision}; motia-core {__version__} knows revisions up to {NEWEST}. "
                "Upgrade motia-core, or choose another database.",
                revision=revision,
                known=NEWEST,
            )
        if revision != NEWEST:
            from motia_core.store.migrations.run import upgrade_in  # imports Alembic, which is slow to import

            upgrade_in(connection, "durable")
