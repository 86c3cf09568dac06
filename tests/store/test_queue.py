"""The queue and its assignments: what waits for whom, in which order, and what a blind pass hides."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from edm_core.annotation import Annotation
from edm_core.errors import EdmError, StorageError
from edm_core.items import Recording, Section
from edm_core.store import Entry, Library
from edm_core.store.assignments import Veil, assign, assigned, close, veil
from edm_core.store.queue import next_for, queue_of
from edm_core.timeline import Layer, Timeline


def parts(at: float, label: str = "drop") -> Annotation:
    return Annotation(sections=(Section(0.0, at, "intro"), Section(at, 60.0, label)))


def save(library: Library, entry: Entry, author: str, annotation: Annotation) -> int:
    head = library.annotations.head(entry.id, author)
    number = head.number if head else None
    return library.annotations.save(
        entry.id, author, annotation, parent=number, duration=60.0, tool="test"
    ).number


def analysed(library: Library, entry: Entry, confidence: float | None) -> None:
    sections = tuple(replace(each, confidence=confidence) for each in parts(20.0).sections or ())
    layer = Layer("sections", "model:sections@1", sections)
    recording = Recording(entry.id, 60.0, 44100, 2)
    library.save_timeline(Timeline(recording, (layer,) if confidence is not None else ()))


@pytest.fixture
def tracks(library: Library) -> list[Entry]:
    return [library.add_upload(f"{name}.wav", io.BytesIO(name.encode())) for name in "abcd"]


def names(library: Library, author: str, order: str = "unannotated") -> list[str]:
    return [waiting.entry.name[0] for waiting in queue_of(library, author, order=order)]  # type: ignore[arg-type]


def test_what_nobody_has_annotated_comes_first_and_the_oldest_of_it(
    library: Library, tracks: list[Entry]
) -> None:
    for entry in tracks:
        analysed(library, entry, 0.5)
    assert names(library, "ada") == ["a", "b", "c", "d"]
    save(library, tracks[0], "ben", parts(30.0))
    save(library, tracks[1], "ada", parts(30.0))
    assert names(library, "ada") == ["c", "d", "a"]
    assert next_for(library, "Ada", without=[tracks[2].id]) == library.get(tracks[3].id)
    why = {waiting.entry.name[0]: waiting.why for waiting in queue_of(library, "ada")}
    assert why == {"a": "ben annotated it", "c": "nobody has annotated it", "d": "nobody has annotated it"}


def test_what_is_not_analysed_yet_waits_behind_what_is(library: Library, tracks: list[Entry]) -> None:
    analysed(library, tracks[3], 0.5)
    assert names(library, "ada") == ["d", "a", "b", "c"]


def test_nothing_waits_for_whom_has_annotated_everything(library: Library, tracks: list[Entry]) -> None:
    for entry in tracks:
        save(library, entry, "ada", parts(30.0))
    assert next_for(library, "ada") is None
    assert next_for(library, "ben") == library.get(tracks[0].id)


def test_where_the_analysis_is_least_sure_comes_first(library: Library, tracks: list[Entry]) -> None:
    for entry, confidence in zip(tracks, (0.9, None, 0.3, 0.6), strict=True):
        analysed(library, entry, confidence)
    assert names(library, "ada", "least_confident") == ["c", "d", "a", "b"]
    analysed(library, tracks[2], 0.95)  # analysed anew
    assert names(library, "ada", "least_confident") == ["d", "a", "c", "b"]


def test_the_worst_agreement_comes_first_until_it_is_settled(library: Library, tracks: list[Entry]) -> None:
    for entry, at in zip(tracks, (30.0, 40.0, 31.0), strict=False):
        save(library, entry, "ada", parts(30.0))
        save(library, entry, "ben", parts(at))
    save(library, tracks[3], "ada", parts(30.0))
    assert names(library, "ada", "disagreement") == ["b", "c", "a"]
    save(library, tracks[2], "ben", parts(50.0, "outro"))  # worse than before
    assert names(library, "cleo", "disagreement") == ["c", "b", "a"]
    save(library, tracks[2], "reference", parts(30.0))
    assert names(library, "ada", "disagreement") == ["b", "a"]


def test_what_was_assigned_comes_first_until_it_is_saved(library: Library, tracks: list[Entry]) -> None:
    store = library.annotations
    save(library, tracks[3], "ben", parts(30.0))
    assign(store, [tracks[3].id, tracks[2].id], "Ben", by="Ada", kind="blind")
    for order in ("unannotated", "least_confident", "disagreement"):
        assert set(names(library, "ben", order)[:2]) == {"c", "d"}
    first = queue_of(library, "ben")[0]
    assert first.why == "assigned by ada, blind" and first.assignment is not None
    assert names(library, "ada") == ["a", "b", "c", "d"]  # given to somebody else, it still waits for others

    save(library, tracks[3], "ben", parts(31.0))
    assert names(library, "ben")[0] == "c"
    done = {each.recording: each.done for each in assigned(store, author="ben")}
    assert done[tracks[3].id] and not done[tracks[2].id]
    assign(store, [tracks[3].id], "ben", by="ada")
    assert names(library, "ben")[:2] == ["c", "d"]


def test_a_blind_pass_hides_others_until_ones_own_is_saved(library: Library, tracks: list[Entry]) -> None:
    store, id = library.annotations, tracks[0].id
    assert veil(store, id, "ben") == Veil()
    assign(store, [id], "ben", by="ada")
    assert veil(store, id, "ben") == Veil()
    assign(store, [id], "ben", by="ada", kind="blind")
    assert veil(store, id, "Ben") == Veil(others=True)
    assert veil(store, id, "ada") == Veil()
    assign(store, [id], "ben", by="ada", kind="unaided")
    assert veil(store, id, "ben") == Veil(others=True, suggestion=True)
    save(library, tracks[0], "ben", parts(30.0))
    assert veil(store, id, "ben") == Veil()


def test_an_assignment_can_be_closed_and_the_log_tells(library: Library, tracks: list[Entry]) -> None:
    store, id = library.annotations, tracks[1].id
    assign(store, [id], "ben", by="ada")
    assert close(store, id, "ben", by="ada")
    assert not close(store, id, "ben", by="ada")
    assert not close(store, tracks[2].id, "ben", by="ada")
    assert names(library, "ben")[0] == "a"
    told = [(row.who, row.what, row.detail) for row in store.audit(id)]
    assert told == [("ada", "close", "the assignment to ben"), ("ada", "assign", "to ben, first pass")]
    assert [each.author for each in assigned(store, recording=id)] == ["ben"]


def test_what_is_assigned_and_not_in_the_library_does_not_wait(library: Library, tracks: list[Entry]) -> None:
    assign(library.annotations, ["sha256:" + "0" * 64], "ben", by="ada")
    assert names(library, "ben") == ["a", "b", "c", "d"]


def test_names_passes_and_orders_that_are_none_are_refused(library: Library, tracks: list[Entry]) -> None:
    with pytest.raises(StorageError, match="first, blind, unaided"):
        assign(library.annotations, [tracks[0].id], "ben", by="ada", kind="third")  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="no name of an author"):
        assign(library.annotations, [tracks[0].id], "../ben", by="ada")
    with pytest.raises(EdmError, match="unannotated, disagreement, least_confident"):
        queue_of(library, "ada", order="random")  # type: ignore[arg-type]
    assert assigned(library.annotations) == ()
