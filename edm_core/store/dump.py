"""Tables as lines of JSON: the same for every database, so that a backup of one can be put into another.

A file holds one table, compressed by gzip. Its first line names the columns, every other is a row.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

LEFT_OUT = ("presence", "workers")
"""Tables of what is going on at the moment."""
BATCH = 500


def tables() -> tuple[Table, ...]:
    """Return the tables that are kept, those first that others refer to."""
    from .tables import metadata

    return tuple(table for table in metadata.sorted_tables if table.name not in LEFT_OUT)


def write(connection: Connection, table: Table, path: Path) -> int:
    """Write a table as the connection sees it; return how many rows it has."""
    import sqlalchemy as sa

    names = [column.name for column in table.columns]
    order = list(table.primary_key.columns)
    # A server sends rows as they are asked for; only a batch of them is held here.
    query = sa.select(table).order_by(*order).execution_options(yield_per=BATCH)
    count = 0
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as file:
        file.write(json.dumps(names).encode() + b"\n")
        for row in connection.execute(query):
            file.write(json.dumps(tuple(row)).encode() + b"\n")
            count += 1
    return count


def read(path: Path) -> Iterator[list[Any]]:
    """Give the columns' names, then every row.

    Raises
    ------
    OSError, EOFError, ValueError
        If the file is damaged.
    """
    with gzip.open(path, "rb") as file:
        for line in file:
            yield json.loads(line)


def load(connection: Connection, table: Table, rows: Iterator[list[Any]]) -> int:
    """Insert rows into an empty table; return how many there were.

    Parameters
    ----------
    connection : Connection
        In the transaction of the whole restore.
    table : Table
        As the database has it.
    rows : iterator of list
        What :func:`read` gives.
    """
    names: Sequence[str] = next(rows)
    count = 0
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(dict(zip(names, row, strict=True)))
        if len(batch) == BATCH:
            count += _insert(connection, table, batch)
            batch = []
    return count + _insert(connection, table, batch)


def go_on_counting(connection: Connection, loaded: Iterable[Table]) -> None:
    """Have PostgreSQL number new rows after those that were inserted; SQLite does so by itself."""
    import sqlalchemy as sa

    if connection.dialect.name != "postgresql":
        return
    for table in loaded:
        for column in table.primary_key.columns:
            sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
            if sequence is not None:
                newest = connection.scalar(sa.select(sa.func.max(column)))
                connection.execute(sa.select(sa.func.setval(sequence, newest or 1, newest is not None)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sqlite_module() -> Any:
    """Return the newest SQLite that is installed."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


def _insert(connection: Connection, table: Table, batch: list[dict[str, Any]]) -> int:
    import sqlalchemy as sa

    if batch:
        connection.execute(sa.insert(table), batch)
    return len(batch)
