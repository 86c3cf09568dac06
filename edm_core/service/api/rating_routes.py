"""What people say of passages and sections, over HTTP, below ``/api/v1/recordings/{id}``.

A rating is posted alone, or many under ``ratings``; who gives it is named by ``rater``, or by ``author`` as
for annotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Body, Query
from starlette.responses import JSONResponse, Response

from ..._codec import decode, encode
from ...joining import digest_of
from ...ratings import Rating
from ..audience import panel_of, timeline_of
from ..bench import workbench
from ..web.problems import refused
from ..web.requests import PRIVATE, Asked, Author, RecordingId, about, as_file, checked_name, only
from ..web.routing import file_response, problems, router
from .audience_models import Agreement, RatingRow, Ratings, RatingsAdded, RatingsRequest
from .models import Like

MOST = 20_000
"""Ratings that are taken at once."""


routes = router("ratings")
_BASE = "/recordings/{id}"


@routes.get(
    f"{_BASE}/ratings",
    operation_id="list_ratings",
    summary="What people say of passages and sections",
    response_model=Ratings,
    responses=problems(404),
)
def ratings(
    id: RecordingId,
    history: Annotated[str | None, Query(description="`1`: all that were ever given", examples=["1"])] = None,
) -> Response:
    """Give the ratings that count, or all that were ever given."""
    asked, store = about(id), workbench().library.ratings
    past = history in ("1", "true")
    found = store.history(asked.entry.id) if past else store.newest(asked.entry.id)
    return JSONResponse({"ratings": encode(found)}, headers=PRIVATE)


@routes.get(
    f"{_BASE}/ratings.csv",
    operation_id="read_ratings_table",
    summary="The ratings as a table",
    response_class=Response,
    responses={200: file_response("text/csv", description="One row a rating"), **problems(404)},
)
def ratings_table(id: RecordingId) -> Response:
    """Give the ratings that count as a table that can be read in again."""
    asked = about(id)
    from ...personas.rating_tables import write_ratings

    said = write_ratings(workbench().library.ratings.newest(asked.entry.id))
    return as_file(asked, said, "text/csv", "ratings.csv")


@routes.post(
    f"{_BASE}/ratings",
    operation_id="rate",
    summary="Give one rating or many",
    response_model=RatingsAdded,
    responses={
        201: {"model": RatingsAdded, "description": "Ratings that are new"},
        **problems(404, 409, 413, 415),
    },
)
def rate(
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(RatingsRequest | RatingRow), Body()],
    author: Author = None,
) -> Response:
    """Keep one rating or many, all or none; one with the score null takes an earlier one back.

    The answer holds those that are new: saying the same again adds nothing, and is no error.
    """
    asked = about(id, body, author)
    rows = asked.body.get("ratings", [asked.body])
    if "ratings" in asked.body:
        only(asked.body, ("ratings", "author", "rater"))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refused(422, "ratings is no list of objects")
    if len(rows) > MOST:
        raise refused(413, f"there are more than {MOST} of them", remedy="send fewer at once")
    wanted = [_rating(asked, row, f"ratings[{place}]") for place, row in enumerate(rows)]
    _check_personas({rating.persona for rating in wanted if rating.persona})
    new = workbench().library.ratings.add(wanted)
    return JSONResponse({"added": len(new), "ratings": encode(new)}, 201 if new else 200)


@routes.get(
    f"{_BASE}/agreement",
    operation_id="read_agreement",
    summary="How personas and people agree",
    response_model=Agreement,
    responses=problems(404),
)
def agreement(id: RecordingId) -> Response:
    """Give how personas and people agree on this recording, with intervals and reasons for what is absent."""
    asked = about(id)
    timeline_of(workbench().library, asked.entry)
    found = panel_of(workbench().library, [asked.entry])
    body = {
        "ratings": found.ratings,
        "raters": list(found.raters),
        "rows": found.rows(),
        "reliability": encode(dict(found.reliability)),
        "unmatched": encode(found.unmatched),
    }
    return JSONResponse(body, headers=PRIVATE)


# --- private -----------------------------------------------------------------------------------------


def _rating(asked: Asked, row: Mapping[str, Any], place: str) -> Rating:
    """Return a rating as it was sent; ``index`` may stand for the times of an item that is there now."""
    given = dict(row)
    names = [given.pop("rater", None), given.pop("author", None), asked.body.get("rater"), asked.author]
    rater = checked_name(next(filter(None, names), ""), "who rates", 'send "rater", or add ?author=NAME')
    if "score" not in given:
        raise refused(422, f"{place} has no score", remedy="send 1 to 5, or null to take it back")
    if "index" in given:
        given |= _item(asked, given.get("kind"), given.pop("index"), place)
    return decode(Rating, {**given, "recording": asked.entry.id, "rater": rater}, place)


def _item(asked: Asked, kind: Any, index: Any, place: str) -> dict[str, Any]:
    timeline = timeline_of(workbench().library, asked.entry)
    items = {"passage": timeline.passages, "section": timeline.sections}.get(str(kind), ())
    if type(index) is not int or not 0 <= index < len(items):
        raise refused(422, f"{place}: there is no {kind!r:.20} of index {index!r:.20}")
    item = items[index]
    return {"start": item.start, "end": item.end, "heard": digest_of(item)}


def _check_personas(names: set[str]) -> None:
    if not names:
        return
    from ...personas import read_roster

    known = read_roster(workbench().settings).personas
    for name in sorted(names - known.keys()):
        raise refused(422, f"{name[:40]!r} is no persona", remedy=f"use {', '.join(known)}")
