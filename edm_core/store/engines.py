"""Opening databases: their addresses, how each is set up, and the migrations.

SQLAlchemy and Alembic are imported when they are needed.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SettingsError
from ..settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

WAIT_S = 30.0
"""How long one writer waits for another."""
_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    # A host that was cut off in the middle of a transaction would keep its locks for hours.
    "options": "-c idle_in_transaction_session_timeout=60s",
}
_KEPT = 12
"""Connections that a process keeps open to a server; for more at once, some are opened for a moment."""
_FRESH_S = 1.0
"""How long a connection is taken to be alive since it was last used."""
WRITES = "edm_writes"
"""Execution option of a connection that is going to write."""


def url_of(settings: Settings) -> URL:
    """Return the address of the settings' database.

    Raises
    ------
    SettingsError
        If it is none that can be used.
    """
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError

    if not settings.database_url:
        return sa.URL.create("sqlite", database=str(settings.data_dir.absolute() / "edm.db"))
    try:
        url = sa.make_url(settings.database_url)
    except ArgumentError:
        url = None
    kind = url.drivername.split("+")[0] if url else ""
    if url is None or kind not in ("sqlite", "postgresql", "postgres"):
        raise SettingsError(
            "it is no address of a database that can be used", subject="EDM_DATABASE_URL",
            remedy="give postgresql://user@host/name or sqlite:////path/to/edm.db, or unset it",
        )  # fmt: skip
    if kind != "sqlite":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise SettingsError(
            "it names no file", subject="EDM_DATABASE_URL", remedy="give sqlite:////path/to/edm.db"
        )
    return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))


def sqlite(url: URL) -> Engine:
    """Return an engine for a file; what it begins with :data:`WRITES` set locks the file from the start."""
    import sqlalchemy as sa

    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        module = importlib.import_module("sqlite3")
    engine = sa.create_engine(url, module=module, connect_args={"timeout": WAIT_S})

    @sa.event.listens_for(engine, "connect")
    def _set_up(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin where SQLAlchemy says, as what it says
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgresql(url: URL) -> Engine:
    """Return an engine for a server; idle connections that broke off are noticed before they are used."""
    import sqlalchemy as sa

    try:
        engine = sa.create_engine(url, pool_size=_KEPT, connect_args=_NETWORK)
    except ImportError:
        raise SettingsError(
            "PostgreSQL needs the package psycopg", subject="EDM_DATABASE_URL",
            remedy="pip install 'edm-workbench[service]'",
        ) from None  # fmt: skip

    @sa.event.listens_for(engine, "checkin")
    def note(_: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    # SQLAlchemy's own `pool_pre_ping` asks each time, which is a fifth of what a short question takes.
    @sa.event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("used", float("inf")) > _FRESH_S:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise sa.exc.DisconnectionError from error  # the pool opens another

    return engine


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, up to one of them, in the transaction of the connection."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationStep, RevisionStep
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))

    def steps(heads: Any, _context: Any) -> list[RevisionStep]:
        missing = script.iterate_revisions(to, heads or "base")
        return [MigrationStep.upgrade_from_script(script.revision_map, one) for one in missing][::-1]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
