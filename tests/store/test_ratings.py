"""Ratings: added, never changed; the last counts, also after a table was read in twice or out of order."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from edm_core.errors import StorageError, TimelineError
from edm_core.ratings import Rating
from edm_core.settings import Settings
from edm_core.store.annotations import Annotations
from edm_core.store.ratings import Ratings

SONG = "sha256:" + "1" * 64


def said(score: int | None = 4, **more: Any) -> Rating:
    fields = {"recording": SONG, "kind": "passage", "start": 0.0, "end": 9.5, "rater": "ada"} | more
    return Rating(score=score, **fields)


def scores(store: Ratings) -> list[int | None]:
    return [rating.score for rating in store.newest(SONG)]


def test_a_rating_comes_back_as_it_was(settings: Settings) -> None:
    given = said(5, rater=" Ada ", heard="0a1b", persona="genz", note="so \U0001f3a7\0")
    kept = Ratings(settings).rate(given)
    assert kept == replace(given, rater="ada", note="so \U0001f3a7\ufffd", time=kept.time)
    assert kept.time.endswith("Z") and Ratings(settings).history(SONG) == (kept,)
    assert Ratings(settings).newest(SONG) == (kept,) == Ratings(settings).all()
    assert [(row.who, row.what) for row in Annotations(settings).audit(SONG)] == [("ada", "rate")]


def test_the_last_counts_and_the_earlier_stay(settings: Settings) -> None:
    store = Ratings(settings)
    for score in (2, 5, 3):
        store.rate(said(score))
    assert scores(store) == [3] and [each.score for each in store.history(SONG)] == [2, 5, 3]


def test_the_same_again_adds_nothing(settings: Settings) -> None:
    store = Ratings(settings)
    first = store.rate(said(4, heard="0a1b"))
    assert store.rate(said(4)) == first and len(store.history(SONG)) == 1
    assert store.rate(said(4, heard="9f9f")).heard == "9f9f"  # of other words
    assert store.rate(said(4, heard="9f9f", note="why")).note == "why"


def test_one_is_taken_back_and_given_again(settings: Settings) -> None:
    store = Ratings(settings)
    assert store.add([said(None)]) == ()  # nothing there to take back
    store.rate(said(4))
    store.rate(said(None))
    assert store.newest(SONG) == () and store.add([said(None)]) == ()
    store.rate(said(4))
    assert scores(store) == [4] and [each.score for each in store.history()] == [4, None, 4]


@pytest.mark.parametrize(
    "other",
    [{"rater": "ben"}, {"persona": "genz"}, {"kind": "section"}, {"end": 9.6}, {"recording": "sha256:2"}],
)
def test_what_differs_stands_beside_it(settings: Settings, other: dict[str, Any]) -> None:
    store = Ratings(settings)
    store.add([said(4), said(2, **other)])
    assert sorted(rating.score for rating in store.all()) == [2, 4]


def test_a_table_read_in_twice_is_there_once_and_in_any_order(settings: Settings) -> None:
    table = [
        said(3, time="2026-01-02T10:00:00+01:00"), said(5, time="2026-01-01T00:00:00Z"), said(1, start=20, end=30),
    ]  # fmt: skip
    store = Ratings(settings)
    assert len(store.add(table)) == 3 and scores(store) == [3, 1]
    assert store.history(SONG)[0].time == "2026-01-02T09:00:00.000000Z"
    store.rate(said(2))
    before = store.history(SONG)
    assert store.add(table) == () == store.add(before) and store.history(SONG) == before
    assert scores(store) == [1, 2]


def test_what_is_said_now_counts_over_a_time_that_has_not_come(settings: Settings) -> None:
    store = Ratings(settings)
    store.add([said(3, time="2999-01-01T00:00:00Z")])
    assert store.rate(said(5)).time == "2999-01-01T00:00:00.000000Z" and scores(store) == [5]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"rater": "../ada"}, StorageError),
        ({"time": "yesterday"}, TimelineError),
        ({"persona": "p" * 65}, TimelineError),
        ({"heard": "\n"}, TimelineError),
        ({"recording": "sha256:" + "1" * 100}, TimelineError),
    ],
)
def test_one_that_is_wrong_keeps_all_out(settings: Settings, bad: dict[str, Any], error: type) -> None:
    store = Ratings(settings)
    with pytest.raises(error):
        store.add([said(4), said(4, **bad)])
    assert store.history() == ()


def test_imports_at_once_keep_each_rating_once(settings: Settings) -> None:
    table = [said(1 + index % 5, start=float(index), end=index + 0.5) for index in range(40)]
    barrier = threading.Barrier(8)
    added: list[int] = []

    def read_in() -> None:
        barrier.wait()
        added.append(len(Ratings(settings).add(table)))

    threads = [threading.Thread(target=read_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [0] * 7 + [40]
    assert [rating.score for rating in Ratings(settings).newest(SONG)] == [rating.score for rating in table]
