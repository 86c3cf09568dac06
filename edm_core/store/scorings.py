"""Scorings: what personas were asked to score again, and what came of it. They are only ever added.

A scoring holds the reactions of the personas that were asked, to what they heard then; the reactions say by
``heard`` what that was. What the timeline shows after it is worked out when it is read:
:func:`edm_core.joining.joined`. Every method may be called by several threads and processes at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .._codec import decode_items, encode
from ..annotation import Subject
from ..errors import StorageError, TimelineError
from ..items import Reaction
from ..joining import SCORINGS, order_of
from ..settings import Settings
from ..timeline import Layer, Recording
from . import audit
from .database import database_of, dialect_of, now_of
from .revisions import author_of, enter, json_of, sha256_of, storable
from .tables import contents, scorings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

REQUEST_LENGTH = 64
"""Longest name of a request, in characters."""
NOBODY = "workbench"
"""Who did it in the audit log, where nobody said who they are."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """That personas scored a recording, without their reactions.

    ``number`` counts up from 1 within the recording. ``personas`` are the versions of those that were asked,
    by id; ``who`` asked them, empty where nobody said. ``scored`` of ``total`` reactions have a score.
    """

    recording: str
    number: int
    parent: int | None
    time: str
    scorer: str
    personas: dict[str, str]
    who: str
    note: str
    scored: int
    total: int
    digest: str

    @property
    def coverage(self) -> str:
        """How many reactions have a score, such as ``17 of 18``."""
        return f"{self.scored} of {self.total}"


class Scorings:
    """The scorings of a data folder or database server.

    Parameters
    ----------
    settings : Settings, optional
        ``database_url`` and ``data_dir`` say where they are; from the environment by default.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from edm_core.items import Target
    >>> store = Scorings(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> song = Recording("sha256:00", duration=60.0, sample_rate=44100, channels=2)
    >>> heard = Reaction(0.0, 9.0, persona="genz", target=Target("passage", 0), status="abstained")
    >>> store.add(song, [heard], scorer="offline@2", personas={"genz": "0a1b"}).coverage
    '0 of 1'
    >>> [(each.number, each.scorer) for each in store.history(song.id)]
    [(1, 'offline@2')]
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._database = database_of(self.settings)

    def add(
        self,
        recording: Recording,
        reactions: Iterable[Reaction],
        *,
        scorer: str,
        personas: Mapping[str, str],
        who: str = "",
        note: str = "",
        request: str | None = None,
    ) -> Scoring:
        """Keep reactions as the recording's next scoring.

        Parameters
        ----------
        recording : Recording
            What was heard.
        reactions : iterable of Reaction
            Of the personas that were asked, and of all of them: they replace what these said before.
        scorer : str
            Name and version of what scored.
        personas : mapping of str to str
            Versions of the personas that were asked, by id.
        who : str, optional
            Who asked.
        note : str, optional
            What they say of it.
        request : str, optional
            A name of what asked for it: a second scoring of the same request is not kept, and the first
            one is returned.

        Raises
        ------
        TimelineError
            If a reaction is of a persona that was not asked, or cannot be written.
        StorageError
            If it cannot be kept. Then nothing has changed.
        """
        items = _ordered(reactions, personas)
        text = json_of(encode(items))
        digest = sha256_of(f"reactions {text}")
        who = author_of(who) if who else ""
        if request is not None and not 0 < len(request) <= REQUEST_LENGTH:
            raise StorageError("it is no name of a request", subject=repr(request[:80]))
        with self._database.writing() as connection:
            about = Subject(
                recording.id, recording.path, recording.title, recording.artist, recording.duration
            )
            enter(connection, about)  # from here on nobody else numbers a scoring of it
            if request is not None and (known := _found(connection, scorings.c.request == request)):
                return known[0]
            last = _found(connection, scorings.c.recording == recording.id, limit=1)
            now = now_of(connection)
            scoring = Scoring(
                recording=recording.id, number=last[0].number + 1 if last else 1,
                parent=last[0].number if last else None, time=max(now, last[0].time) if last else now,
                scorer=storable(scorer) or "", personas=dict(personas), who=who, note=storable(note) or "",
                scored=sum(item.status == "ok" for item in items), total=len(items), digest=digest,
            )  # fmt: skip
            row = {"digest": digest, "kind": "reactions", "items": text}
            connection.execute(dialect_of(connection).insert(contents).on_conflict_do_nothing(), [row])
            connection.execute(sa.insert(scorings).values(_values(scoring) | {"request": request}))
            names = ", ".join(personas)
            detail = f"scoring {scoring.number} of {names} with {scorer}: {scoring.coverage} scored"
            audit.note(connection, scoring.time, who or NOBODY, "score", recording.id, detail)
        return scoring

    def history(self, recording: str) -> tuple[Scoring, ...]:
        """Return the scorings of a recording, newest first."""
        with self._database.reading() as connection:
            return tuple(_found(connection, scorings.c.recording == recording))

    def reactions(self, recording: str, number: int) -> tuple[Reaction, ...]:
        """Return what the personas that were asked said in one scoring.

        Raises
        ------
        StorageError
            If there is no such scoring.
        """
        found = [layer for layer in self.layers(recording) if layer.revision == number]
        if not found:
            raise StorageError(
                f"there is no scoring {number} of it",
                subject=recording,
                remedy="its history tells what there is",
            )
        return found[0].items

    def layers(self, recording: str) -> tuple[Layer, ...]:
        """Return each scoring's reactions as a layer of its number, oldest first.

        They hold the personas that were asked and nobody else, and their targets are those of then.
        """
        query = (
            sa.select(scorings.c.number, scorings.c.parent, scorings.c.time, contents.c["items"])
            .join(contents, contents.c.digest == scorings.c.reactions)
            .where(scorings.c.recording == recording)
            .order_by(scorings.c.number)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Layer(
                "reactions", SCORINGS, _read(text), revision=number,
                parent=f"{SCORINGS}#{parent}" if parent else None, time=time,
            )
            for number, parent, time, text in rows
        )  # fmt: skip


# --- private ---------------------------------------------------------------------------------------


def _ordered(reactions: Iterable[Reaction], personas: Mapping[str, str]) -> tuple[Reaction, ...]:
    """Return reactions as a layer has them, if they are of those that were asked and can be read again."""
    items = tuple(sorted(reactions, key=order_of))
    for item in items:
        if item.persona not in personas:
            raise TimelineError("a reaction of a persona that was not asked", subject=item.persona)
    # A server may send halves of characters; they could not be written out again.
    return _read(json_of(json.loads(storable(json.dumps(encode(items), ensure_ascii=False)) or "[]")))


@lru_cache(maxsize=64)
def _read(text: str) -> tuple[Reaction, ...]:
    """Return reactions from their JSON: kept, because they are read with every timeline and never change."""
    return decode_items(Reaction, json.loads(text), "reactions")


def _found(connection: Connection, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Scoring]:
    """Return scorings, the one saved last first."""
    query = sa.select(scorings).where(where).order_by(scorings.c.id.desc()).limit(limit)
    return [_scoring(row) for row in connection.execute(query)]


def _scoring(row: Row[Any]) -> Scoring:
    return Scoring(
        recording=row.recording, number=row.number, parent=row.parent, time=row.time, scorer=row.scorer,
        personas=json.loads(row.personas), who=row.who, note=row.note, scored=row.scored, total=row.total,
        digest=row.reactions,
    )  # fmt: skip


def _values(scoring: Scoring) -> dict[str, Any]:
    values = {name: getattr(scoring, name) for name in Scoring.__slots__ if name != "digest"}
    # Not sorted: the order in which they were asked is told too.
    return values | {"personas": json.dumps(scoring.personas), "reactions": scoring.digest}
