"""Tables of people's ratings: CSV in, CSV out.

``recording,start,end,rater,score`` and, where wanted, ``persona``, ``note``, ``kind`` and ``time``; ``index``
(from 0) may stand for the times where the recording is known. Commas, semicolons and tabs separate. Times are
seconds or ``m:ss.mmm``. Each row that is wrong is told with its line and column; the others come in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..errors import EdmError
from ..exchange.errors import ExchangeError
from ..exchange.reading import Notes
from ..exchange.text import text_of
from ..exchange.values import number, seconds
from ..items import Target
from ..joining import digest_of
from ..ratings import KINDS, Kind, Rating
from ..timeline import Timeline
from .exports import harmless, meant

COLUMNS = (
    "recording", "kind", "index", "start", "end", "rater", "persona", "score", "note", "time",
)  # fmt: skip
_SAME = {
    "file": "recording",
    "filename": "recording",
    "begin": "start",
    "annotator": "rater",
    "rating": "score",
}
_SAME_S = 0.01
_TAKEN_BACK = "-"
MOST_BYTES = 20_000_000
"""Largest table that is read."""
LIKE = 0.5
"""Share of the time in common from which a stretch is taken for an item: intersection over union."""


@dataclass(frozen=True, slots=True)
class RatingTable:
    """What a table gave: the ratings, and what was wrong with the rows that gave none."""

    ratings: tuple[Rating, ...]
    problems: tuple[ExchangeError, ...] = ()
    notes: tuple[str, ...] = ()


def read_ratings(
    data: bytes | str,
    name: str = "ratings.csv",
    *,
    find: Callable[[str], Timeline | None],
    recording: str = "",
    time: str = "",
) -> RatingTable:
    """Read a table of ratings.

    Parameters
    ----------
    data : bytes or str
        The file's content.
    name : str
        What errors call it.
    find : callable
        Returns the timeline of the recording that a row names, None where it is not known.
    recording : str, optional
        What rows without a recording are about.
    time : str, optional
        When ratings were given that do not say, ISO 8601 in UTC.

    Raises
    ------
    ExchangeError
        If there is no header with the columns that are needed.
    """
    if len(data) > MOST_BYTES:
        raise ExchangeError(
            f"larger than {MOST_BYTES // 1_000_000} MB", subject=name, remedy="split the table"
        )
    notes = Notes()
    text = data.removeprefix("\ufeff") if isinstance(data, str) else text_of(data, name, notes)
    told = [finding.message for finding in notes.findings]
    known: dict[str, Timeline | None] = {}
    ratings: list[Rating] = []
    problems: list[ExchangeError] = []
    for line, row in _rows(text, name, recording):
        place = f"{name}: line {line}"
        try:
            wanted = row.get("recording") or recording
            if wanted not in known:
                known[wanted] = find(wanted)
            rating, note = _rating(row, place, known[wanted], time)
        except ExchangeError as error:
            problems.append(error)
        else:
            ratings.append(rating)
            told += [f"line {line}: {note}"] if note else []
    return RatingTable(tuple(ratings), tuple(problems), tuple(told))


def write_ratings(ratings: Iterable[Rating], indices: Mapping[Rating, int] | None = None) -> str:
    """Return ratings as a table that :func:`read_ratings` takes; the score of one taken back is ``-``.

    Parameters
    ----------
    ratings : iterable of Rating
    indices : mapping of Rating to int, optional
        Places of what was rated in its layer, where they are known.

    Examples
    --------
    >>> one = Rating(recording="sha256:00", kind="passage", start=0.0, end=9.5, rater="ada", score=4)
    >>> print(write_ratings([one]))
    recording,kind,index,start,end,rater,persona,score,note,time
    sha256:00,passage,,0.000,9.500,ada,,4,,
    <BLANKLINE>
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in ratings:
        times = (f"{side:.3f}" for side in (one.start, one.end))
        score = _TAKEN_BACK if one.score is None else one.score
        index = (indices or {}).get(one, "")
        who = (harmless(one.rater), harmless(one.persona))
        writer.writerow((one.recording, one.kind, index, *times, *who, score, harmless(one.note), one.time))
    return text.getvalue()


def alike(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the time that two stretches have in common over the time that either takes.

    Examples
    --------
    >>> alike((0.0, 10.0), (5.0, 10.0)), alike((0.0, 1.0), (2.0, 3.0))
    (0.5, 0.0)
    """
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, common) / (max(one[1], other[1]) - min(one[0], other[0]))


# --- private ---------------------------------------------------------------------------------------


def _rows(text: str, name: str, recording: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.lstrip().split("\n", 1)[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    columns: list[str] = []
    try:
        for cells in table:
            values = [cell.strip() for cell in cells]
            if not any(values) or values[0].startswith("#"):
                continue
            if columns:
                yield table.line_num, dict(zip(columns, values, strict=False))
                continue
            columns = [_SAME.get(value.casefold(), value.casefold()) for value in values]
            _check(columns, name, recording)
    except csv.Error as error:
        raise ExchangeError(f"no table: {error}", subject=f"{name}: line {table.line_num}") from None
    if not columns:
        raise ExchangeError("it is empty", subject=name, remedy=_HEADER)


_HEADER = "begin with recording,start,end,rater,score"


def _check(columns: list[str], name: str, recording: str) -> None:
    needed = {"rater", "score"} | (set() if recording else {"recording"})
    missing = sorted(needed - set(columns))
    if "index" not in columns:
        missing += [column for column in ("start", "end") if column not in columns]
    twice = sorted({column for column in columns if column in COLUMNS and columns.count(column) > 1})
    if missing or twice:
        what = f"no column {', '.join(missing)}" if missing else f"two columns {twice[0]}"
        raise ExchangeError(what, subject=f"{name}: header", remedy=_HEADER)


def _rating(row: Mapping[str, str], place: str, timeline: Timeline | None, time: str) -> tuple[Rating, str]:
    if timeline is None:
        raise ExchangeError(
            f"the recording {row.get('recording', '')!r} is not known", subject=f"{place}, recording",
            remedy="give its id, or the name under which it is in the library",
        )  # fmt: skip
    kind = _kind(row.get("kind", ""), f"{place}, kind", timeline)
    target, start, end = _stretch(row, place, kind, timeline)
    items = timeline.passages if kind == "passage" else timeline.sections
    try:
        rating = Rating(
            recording=timeline.recording.id, kind=kind, start=start, end=end,
            rater=meant(row.get("rater", "")), persona=meant(row.get("persona", "")),
            score=_score(row.get("score", ""), f"{place}, score"),
            heard="" if target is None else digest_of(items[target.index]),
            note=meant(row.get("note", "")), time=row.get("time", "") or time,
        )  # fmt: skip
    except ExchangeError:
        raise
    except EdmError as error:
        raise ExchangeError(error.problem, subject=place, remedy=error.remedy) from None
    note = "" if target else f"no {kind} lies at {start:.1f} to {end:.1f} s: kept by its times"
    return rating, note


def _kind(text: str, place: str, timeline: Timeline) -> Kind:
    if not text:
        return "passage" if timeline.passages or not timeline.sections else "section"
    for kind in KINDS:
        if text.casefold().rstrip("s") == kind:
            return kind
    raise ExchangeError(f"{text!r} is no kind", subject=place, remedy="give passage or section")


def _stretch(
    row: Mapping[str, str], place: str, kind: Kind, timeline: Timeline
) -> tuple[Target | None, float, float]:
    """Return which item a row is about, and when that is; no item where nothing lies there."""
    items = timeline.passages if kind == "passage" else timeline.sections
    if row.get("start") or row.get("end") or not row.get("index"):
        start, end = (seconds(row.get(side, ""), f"{place}, {side}") for side in ("start", "end"))
        if end <= start:
            raise ExchangeError("it ends before it begins", subject=f"{place}, end")
        near = [(alike((start, end), (item.start, item.end)), -index) for index, item in enumerate(items)]
        best, index = max(near, default=(0.0, 0))
        if best < LIKE:
            return None, start, end
        item = items[-index]
        # Written with three digits, what was the item's own time is so again.
        same = abs(item.start - start) < _SAME_S and abs(item.end - end) < _SAME_S
        return Target(kind, -index), *((item.start, item.end) if same else (start, end))
    place_of = number(row["index"], f"{place}, index")
    if place_of != int(place_of) or not 0 <= place_of < len(items):
        raise ExchangeError(
            f"{row['index']} is none of its {len(items)} {kind}s", subject=f"{place}, index",
            remedy="they count from 0",
        )  # fmt: skip
    item = items[int(place_of)]
    return Target(kind, int(place_of)), item.start, item.end


def _score(text: str, place: str) -> int | None:
    if text == _TAKEN_BACK:
        return None
    if not text:
        raise ExchangeError("no score", subject=place, remedy="give 1 to 5, or - for a rating taken back")
    value = number(text, place)
    if value not in (1, 2, 3, 4, 5):
        raise ExchangeError(f"a score of {text}", subject=place, remedy="give a whole number from 1 to 5")
    return int(value)
