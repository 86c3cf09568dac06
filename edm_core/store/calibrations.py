"""Calibrations of scorers, as documents; what is in them is the business of who fits and applies them.

They are only ever added, and of each scorer the newest holds. One without a document says that none holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..errors import StorageError
from ..settings import Settings
from . import audit
from .database import database_of, now_of
from .revisions import author_of, json_of
from .scorings import NOBODY
from .tables import calibrations


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A calibration as it was kept; ``document`` is None where it says that none holds any more."""

    scorer: str
    time: str
    who: str
    document: dict[str, Any] | None


class Calibrations:
    """The calibrations of a data folder or database server.

    Parameters
    ----------
    settings : Settings, optional
        ``database_url`` and ``data_dir`` say where they are; from the environment by default.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> store = Calibrations(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> store.add("offline@2", {"slope": 0.5}, who="Ada").who
    'ada'
    >>> store.newest("offline@2"), store.newest("offline@3")
    ({'slope': 0.5}, None)
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._database = database_of(self.settings)

    def add(self, scorer: str, document: Mapping[str, Any] | None, *, who: str = "") -> KeptCalibration:
        """Keep a calibration as the one that holds for a scorer; None: none holds from now on.

        Parameters
        ----------
        scorer : str
            Name and version, such as ``offline@2``.
        document : mapping or None
            JSON-like values.
        who : str, optional
            Who fitted it.

        Raises
        ------
        StorageError
            If it is no JSON or cannot be kept. Then nothing has changed.
        """
        if not (0 < len(scorer) <= 200 and scorer.isprintable()):
            raise StorageError("it is no name of a scorer", subject=repr(scorer[:80]))
        try:
            text = None if document is None else json_of(dict(document))
        except (TypeError, ValueError) as error:
            raise StorageError(f"it cannot be written as JSON ({error})", subject="calibration") from None
        who = author_of(who) if who else ""
        with self._database.writing() as connection:
            now = now_of(connection)
            row = {"time": now, "who": who, "scorer": scorer, "document": text}
            connection.execute(sa.insert(calibrations).values(row))
            detail = f"a calibration of {scorer}" if document is not None else f"no calibration of {scorer}"
            audit.note(connection, now, who or NOBODY, "calibrate", None, detail)
        return KeptCalibration(scorer, now, who, None if text is None else json.loads(text))

    def newest(self, scorer: str) -> dict[str, Any] | None:
        """Return the document that holds for a scorer, by name and version; None where none does."""
        kept = self.history(scorer, limit=1)
        return kept[0].document if kept else None

    def history(self, scorer: str | None = None, limit: int | None = None) -> tuple[KeptCalibration, ...]:
        """Return the calibrations of one scorer or of all, the one kept last first."""
        query = sa.select(calibrations).order_by(calibrations.c.id.desc()).limit(limit)
        if scorer is not None:
            query = query.where(calibrations.c.scorer == scorer)
        with self._database.reading() as connection:
            return tuple(
                KeptCalibration(row.scorer, row.time, row.who, row.document and json.loads(row.document))
                for row in connection.execute(query)
            )
