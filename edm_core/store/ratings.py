"""What people say of passages and sections, from 1 to 5. Ratings are only ever added.

Of what a rater gave an item for themself, or in a persona's name, the last counts; one without a score takes
the earlier ones back. Every method may be called by several threads and processes at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..errors import TimelineError
from ..ratings import Rating, newest
from ..settings import Settings
from . import audit
from .database import database_of, now_of
from .revisions import author_of, refuse_erased, storable
from .tables import ratings

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST = {"recording": 80, "heard": 64, "persona": 64}
_NAMES = tuple(field.name for field in fields(Rating))

Key = tuple[object, ...]


class Ratings:
    """The ratings of a data folder or database server.

    Parameters
    ----------
    settings : Settings, optional
        ``database_url`` and ``data_dir`` say where they are; from the environment by default.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> store = Ratings(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> said = Rating(recording="sha256:00", kind="passage", start=0.0, end=9.5, rater="Ada", score=4)
    >>> store.rate(said).rater
    'ada'
    >>> store.add([said, said])  # it is known
    ()
    >>> [rating.score for rating in store.newest("sha256:00")]
    [4]
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._database = database_of(self.settings)

    def rate(self, rating: Rating) -> Rating:
        """Keep one rating, and return it as it is kept; as :meth:`add`.

        Saying again what one said last adds nothing: then that one is returned.
        """
        added = self.add([rating])
        if added:
            return added[0]
        rating = _kept(rating)
        return next(
            (one for one in reversed(self.history(rating.recording)) if _is_said(rating, one)), rating
        )

    def add(self, said: Iterable[Rating]) -> tuple[Rating, ...]:
        """Keep ratings, all or none, and return those that are new.

        Parameters
        ----------
        said : iterable of Rating
            One with a ``time`` is new unless the same was given at that time. One without is given now,
            and is new unless it says what the rater said last of this item; one that takes nothing back is
            not.

        Raises
        ------
        TimelineError
            If a field is too long or a time is none.
        StorageError
            If a rater's name is none, or they cannot be kept. Then nothing has changed.
        """
        wanted = [_kept(rating) for rating in said]
        if not wanted:
            return ()
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":  # two imports of one file must not pass each other
                connection.exec_driver_sql("LOCK TABLE ratings IN SHARE ROW EXCLUSIVE MODE")
            for recording in {rating.recording for rating in wanted}:
                refuse_erased(connection, recording)
            known = _by_key(_read(connection, *_of({rating.recording for rating in wanted})))
            now = now_of(connection)
            added = []
            for rating in wanted:
                before = known[_key(rating)]
                if _is_known(rating, before):
                    continue
                if not rating.time:
                    rating = replace(rating, time=max([now, *(each.time for each in before)]))
                before.append(rating)
                added.append(rating)
            if added:
                connection.execute(sa.insert(ratings), [_row(rating) for rating in added])
                _note(connection, now, added)
        return tuple(added)

    def newest(self, recording: str | None = None) -> tuple[Rating, ...]:
        """Return the ratings that count, of one recording or of all, the one given first first."""
        return newest(self.history(recording))

    def all(self) -> tuple[Rating, ...]:
        """Return the ratings that count, of all recordings."""
        return self.newest()

    def history(self, recording: str | None = None) -> tuple[Rating, ...]:
        """Return everything that was ever said, also what was taken back, in the order in which it came."""
        with self._database.reading() as connection:
            return tuple(_read(connection, *([] if recording is None else _of({recording}))))


# --- private ---------------------------------------------------------------------------------------


def _kept(rating: Rating) -> Rating:
    """Return a rating as it is kept: the name as everybody spells it, the time in UTC."""
    for name, most in _LONGEST.items():
        value = getattr(rating, name)
        if len(value) > most or not (value.isprintable() and value.isascii()):
            raise TimelineError(f"{value[:40]!r} is no {name}", subject="rating")
    return replace(
        rating,
        rater=author_of(rating.rater),
        note=storable(rating.note) or "",
        time=_time(rating.time),
        start=float(rating.start),
        end=float(rating.end),
    )


def _time(text: str) -> str:
    """Return a time as the store writes it; one without a zone is taken for UTC."""
    if not text:
        return ""
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise TimelineError(
            f"{text[:40]!r} is no time", subject="rating", remedy="write it as 2026-01-31T12:00:00Z"
        ) from None
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _key(rating: Rating) -> Key:
    return (*rating.item, rating.rater, rating.persona)


def _by_key(said: Iterable[Rating]) -> defaultdict[Key, list[Rating]]:
    found: defaultdict[Key, list[Rating]] = defaultdict(list)
    for rating in said:
        found[_key(rating)].append(rating)
    return found


def _is_known(rating: Rating, before: list[Rating]) -> bool:
    if rating.time:
        return any(each.time == rating.time and _is_said(rating, each) for each in before)
    last = max(before, key=lambda each: each.time, default=None) if before else None
    if last is None:
        return rating.score is None
    return _is_said(rating, last) or (rating.score is None and last.score is None)


def _is_said(rating: Rating, before: Rating) -> bool:
    """Whether an earlier rating says the same of the same."""
    heard = rating.heard in ("", before.heard)
    said = (_key(rating), rating.score, rating.note)
    return heard and said == (_key(before), before.score, before.note)


def _of(recordings: set[str]) -> list[sa.ColumnElement[bool]]:
    return [ratings.c.recording.in_(sorted(recordings))]


def _read(connection: Connection, *where: sa.ColumnElement[bool]) -> list[Rating]:
    rows = connection.execute(sa.select(ratings).where(*where).order_by(ratings.c.id))
    return [Rating(**{name: row._mapping[name] for name in _NAMES}) for row in rows]


def _row(rating: Rating) -> dict[str, Any]:
    return {name: getattr(rating, name) for name in _NAMES}


def _note(connection: Connection, now: str, added: list[Rating]) -> None:
    """Tell the audit log, once for each rater and recording."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for rating in added:
        counts[rating.rater, rating.recording] += 1
    for (rater, recording), count in counts.items():
        audit.note(connection, now, rater, "rate", recording, f"{count} rating{'s' * (count != 1)}")
