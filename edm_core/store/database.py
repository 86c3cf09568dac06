"""The database: SQLite in the data folder, or PostgreSQL by its address, with the same tables and code.

SQLite writes ahead (WAL) and flushes at every commit; transactions that write say so when they begin, so
that two of them wait for each other instead of failing halfway. Where the package ``pysqlite3`` is installed
its SQLite is used: versions before 3.51.3 can damage a write-ahead log.

SQLAlchemy is imported when a database is first opened.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .._files import locked, made
from ..errors import StorageError
from ..settings import Settings
from .engines import WAIT_S, WRITES, postgresql, sqlite, upgrade, url_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.engine import URL

T = TypeVar("T")
HEAD = "0003"
"""The last of the migrations."""
_LOCK = 7_346_253_001  # any number, as long as it stays: PostgreSQL's lock while migrating
_MOST = 8  # databases that a process keeps open

_open: dict[str, Database] = {}
_opening = threading.Lock()


def database_of(settings: Settings) -> Database:
    """Return the database of the settings, opened once a process.

    Raises
    ------
    SettingsError
        If the address is none that can be used.
    """
    url = url_of(settings)
    key = url.render_as_string(hide_password=False)
    with _opening:
        if key not in _open:
            if len(_open) >= _MOST:  # whoever still uses the oldest opens its own connections again
                _open.pop(next(iter(_open))).close()
            _open[key] = Database(url)
        return _open[key]


def one_for(settings: Settings, opened: dict[str, T], make: Callable[[Settings], T]) -> T:
    """Return what a process keeps for the settings' database, made at the first call.

    Parameters
    ----------
    settings : Settings
        Which database.
    opened : dict
        What is kept, by address; the oldest goes when there are many.
    make : callable
        Makes it from the settings.
    """
    key = url_of(settings).render_as_string(hide_password=False)
    if key not in opened:
        if len(opened) >= _MOST:
            opened.pop(next(iter(opened)))
        opened[key] = make(settings)
    return opened[key]


def has_annotations(settings: Settings) -> bool:
    """Whether there is a database that may hold some; looks without opening or making one."""
    return bool(settings.database_url) or (settings.data_dir / "edm.db").exists()


def now_of(connection: Connection) -> str:
    """Return the time as the database has it, ISO 8601 in UTC: several machines may share one."""
    if connection.dialect.name == "postgresql":
        time: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    else:
        time = datetime.now(UTC)
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Write a row, in the place of the one with the same primary key if there is one."""
    statement = dialect_of(connection).insert(table).values(row)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


def dialect_of(connection: Connection) -> Any:
    """Return the module of SQLAlchemy with what the database has beyond standard SQL."""
    return importlib.import_module(f"sqlalchemy.dialects.{connection.dialect.name}")


class Database:
    """A database whose tables are made, and brought up to date, before anybody sees it.

    Parameters
    ----------
    url : sqlalchemy.engine.URL
        ``sqlite:///path`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        self._engine: Engine | None = None
        self._inode: int | None = None
        self._lock, self._writer = threading.Lock(), threading.Lock()

    @property
    def name(self) -> str:
        """The file, or the address without its password."""
        return str(self.file or self.url.render_as_string(hide_password=True))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose reads all see the same state.

        Raises
        ------
        StorageError
            If the database does not answer.
        """
        with self._told(), self._ready().connect() as connection:
            if self.file is None:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept as a whole at the end of the block, or not at all.

        Raises
        ------
        StorageError
            If the database does not answer, is full, or may not be written.
        """
        with (
            self._told(),
            self._turn(),
            self._ready().connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

    # --- private -----------------------------------------------------------------------------------

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let the writers of this process take turns.

        A file has one writer at a time. Left to itself SQLite looks again after pauses that grow, and who has
        waited longest is passed by those who come.
        """
        mine = self.file is not None and self._writer.acquire(timeout=WAIT_S)  # else it waits for the file
        try:
            yield
        finally:
            if mine:
                self._writer.release()

    def _ready(self) -> Engine:
        with self._lock:
            if self._engine is not None and self._is_replaced():
                self._engine.dispose()
                self._engine = None
            if self._engine is None:
                engine = sqlite(self.url) if self.file else postgresql(self.url)
                try:
                    self._migrate(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
                self._inode = self.file.stat().st_ino if self.file else None
            return self._engine

    def _is_replaced(self) -> bool:
        """Whether another file is in the place of the one that is open, as after putting a backup back."""
        try:
            return self.file is not None and self.file.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def _migrate(self, engine: Engine) -> None:
        if self.file is None:
            if not self._is_current(engine):
                with engine.connect() as connection, connection.begin():
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                    upgrade(connection)
            return
        if self.file.exists() and self._is_current(engine):
            return
        made(self.file.parent)
        with locked(self.file.with_name(f".{self.file.name}.lock")):
            # Made here and not by SQLite, so that only its owner reads it; its log gets the same permissions.
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
            raw = engine.raw_connection()  # outside of any transaction, as it must be
            raw.cursor().execute("PRAGMA journal_mode=WAL")  # kept in the file
            raw.close()
            with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                upgrade(connection)

    def _is_current(self, engine: Engine) -> bool:
        """Whether the last migration has run: asked without Alembic, which takes long to import."""
        import sqlalchemy as sa

        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return False
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found is not None and str(found) > HEAD:
            raise StorageError(
                f"a newer version of the workbench made it (step {found}, this one knows {HEAD})",
                subject=self.name, remedy="update edm-workbench",
            )  # fmt: skip
        return found == HEAD

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database says of itself into a ``StorageError``; nothing was kept then."""
        import sqlalchemy.exc as said

        try:
            yield
        except said.DBAPIError as error:
            problem = " ".join(str(error.orig).split())
            raise StorageError(
                f"the database cannot do it ({problem})", subject=self.name, remedy=_remedy(problem)
            ) from error
        except said.TimeoutError as error:
            raise StorageError(
                "too many want the database at once", subject=self.name, remedy="try again"
            ) from error
        except OSError as error:
            raise StorageError(
                f"cannot be written ({error.strerror})", subject=str(error.filename or self.name),
                remedy="make room there, or set EDM_DATA_DIR to a folder you may write",
            ) from error  # fmt: skip


def _remedy(problem: str) -> str:
    if "full" in problem or "No space" in problem:
        return "make room on that disk and save again: what was saved before is as it was"
    if "readonly" in problem or "unable to open" in problem:
        return "let its folder be written, or set EDM_DATA_DIR or EDM_DATABASE_URL to another"
    if "locked" in problem:
        return "another program holds it; try again"
    if "connect" in problem:
        return "check that the server runs and EDM_DATABASE_URL names it"
    if "malformed" in problem or "not a database" in problem:
        return "move the file away and put a backup in its place"
    return "nothing was changed; try again"


def _forget() -> None:
    """Leave a parent's connections to it: a child of a fork must not use them."""
    global _opening
    _opening = threading.Lock()
    for database in _open.values():
        if database._engine is not None:
            database._engine.dispose(close=False)
        database._lock, database._writer = threading.Lock(), threading.Lock()


os.register_at_fork(after_in_child=_forget)
