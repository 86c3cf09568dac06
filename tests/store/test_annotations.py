"""Revisions, drafts, presence and the audit log, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from edm_core.annotation import Annotation, Subject
from edm_core.errors import EdmError, StorageError, TimelineError
from edm_core.grid import GridSegment
from edm_core.items import (
    Comment,
    Energy,
    Event,
    Evidence,
    Judgement,
    Key,
    Passage,
    Repetition,
    Safety,
    Score,
    Section,
    Span,
    Word,
)
from edm_core.settings import Settings
from edm_core.store.annotations import Annotations, Conflict, author_of
from edm_core.store.database import database_of
from edm_core.timeline import Recording, Timeline

SONG = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
PARTS = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
FULL = Annotation(
    recording=Subject(title="Night \u2603 drive", artist="A", path="C:\\Music\\a.flac"),
    grid=(GridSegment(0.02, 128.0), GridSegment(30.02, 174.5, 3, 2, 50.0)),
    key=(Key(0.0, 60.0, name="A minor", camelot="8A"),),
    sections=(
        Section(0.0, 30.1, "intro", 0.1, start_bar=1, end_bar=8, energy=Energy(-1.5, -2.0, -3.0)),
        Section(30.1, 60.0, "other", original="kick in", repeats=0, boundary_confidence=0.3),
    ),
    events=(Event(30.1, "drop", 0.5, bar=17), Event(30.1, "drop", 0.5, bar=17)),
    activity=(Span(0.0, 60.0, "music"),),
    words=(Word(1.0, 1.5, text="\u201cGood\u201d \U0001f600 \x00", probability=None, speaker="b"),),
    passages=(
        Passage(
            1.0, 9.0, text="so", language="en", topic=Judgement("ok", "Food", 0.7, (Score("Food", 0.7),)),
            safety=Safety("flagged", evidence=(Evidence("so", 1.0, 1.2, "hate"),)), repeats=0,
            repetition=Repetition("same words", 0, 1.0, 1.0),
        ),
    ),
    comments=(Comment(3.0, 4.0, "flag", text="late?", author="ada", time="2026-01-01T00:00:00Z", resolved=True),),
    author="ada", tier="verified", confidence=0.1 + 0.2, flags=("needs_review", "x"), verified_by="bob",
    notes="one\ntwo", created="2025-12-04T10:30:00Z", rest={"yaml": {"energy": {"overall": 0.7}}, "jams": [1, None]},
)  # fmt: skip


@pytest.fixture
def store(settings: Settings) -> Annotations:
    return Annotations(settings)


def save(store: Annotations, annotation: Annotation, parent: int | None, author: str = "ada", **more: str):
    return store.save(SONG, author, annotation, parent=parent, duration=60.0, tool="test", **more)


# --- revisions ---------------------------------------------------------------------------------------


def test_what_is_saved_comes_back_as_it_was(store: Annotations) -> None:
    revision = save(store, FULL, None)
    subject = replace(FULL.recording, id=SONG, duration=60.0)
    assert store.annotation(SONG, "ada") == replace(FULL, recording=subject, modified=revision.time)
    assert (revision.number, revision.parent, revision.tool) == (1, None, "test")
    assert (revision.tier, revision.confidence, revision.flags) == (
        "verified",
        0.1 + 0.2,
        ("needs_review", "x"),
    )
    assert revision.verified_by == "bob" and len(revision.digest) == 64
    assert revision.summary.startswith("2 sections, 128, 174.5 BPM, A minor, 2 events")
    assert store.head(SONG, "ADA ") == revision


def test_absent_and_empty_stay_apart(store: Annotations) -> None:
    first = save(store, Annotation(events=(), words=None), None)
    read = store.annotation(SONG, "ada")
    assert read.events == () and read.words is None and read.sections is None
    second = save(store, Annotation(events=(), words=()), 1)
    assert second.number == 2 and second.digest != first.digest


def test_whole_numbers_are_the_same_as_with_a_point(store: Annotations) -> None:
    first = save(store, PARTS, None)
    same = Annotation(sections=(Section(0, 30, "intro"), Section(30, 60, "drop")))  # type: ignore[arg-type]
    assert save(store, same, 1) == first


def test_a_line_grows_and_tells_what_changed(store: Annotations) -> None:
    save(store, PARTS, None, note="first go")
    moved = Annotation(sections=(Section(0.0, 31.9, "intro"), Section(31.9, 60.0, "breakdown")))
    second = save(store, moved, 1)
    assert second.summary == "boundary moved from 30.00 to 31.90, drop became breakdown"
    history = store.history(SONG, "ada")
    assert [(one.number, one.parent, one.note) for one in history] == [(2, 1, ""), (1, None, "first go")]
    assert store.annotation(SONG, "ada", 1).sections == PARTS.sections
    assert history[0].time > history[1].time


def test_who_began_it_when_is_kept(store: Annotations) -> None:
    first = save(store, PARTS, None)
    read = store.annotation(SONG, "ada")
    assert read.created == first.time
    save(store, replace(read, notes="x"), 1)
    assert store.annotation(SONG, "ada").created == first.time


def test_a_stale_save_has_both_versions_and_keeps_the_draft(store: Annotations) -> None:
    save(store, PARTS, None)
    theirs = save(store, replace(PARTS, notes="theirs"), 1)
    mine = replace(PARTS, notes="mine")
    kept = store.keep_draft(SONG, "ada", 1, mine)
    with pytest.raises(Conflict) as caught:
        save(store, mine, 1)
    assert (caught.value.base, caught.value.theirs) == (1, theirs)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.base, again.theirs, str(again)) == (1, theirs, str(caught.value))
    assert "merge with revision 2" in str(caught.value)
    assert store.history(SONG) == store.history(SONG, "ada") and len(store.history(SONG)) == 2
    assert store.draft(SONG, "ada") == kept
    with pytest.raises(Conflict) as caught:
        save(store, mine, None)
    assert caught.value.base is None


def test_saving_what_is_there_adds_nothing_whatever_it_was_made_from(store: Annotations) -> None:
    save(store, PARTS, None)
    second = save(store, replace(PARTS, notes="x"), 1)
    assert save(store, replace(PARTS, notes="x"), 2) == second
    assert save(store, replace(PARTS, notes="x"), 1) == second  # an answer that was lost on the way
    assert len(store.history(SONG)) == 2


def test_a_parent_that_never_was_is_refused(store: Annotations) -> None:
    with pytest.raises(StorageError, match="no revision 3"):
        save(store, PARTS, 3)
    save(store, PARTS, None)
    with pytest.raises(StorageError, match="no revision 2"):
        save(store, Annotation(), 2)
    assert len(store.history(SONG)) == 1


def test_restoring_is_a_new_revision(store: Annotations) -> None:
    save(store, FULL, None)
    save(store, PARTS, 1)
    third = store.restore(SONG, "ada", 1, by="Bob")
    assert (third.number, third.parent, third.summary) == (3, 2, "revision 1 again")
    first = store.annotation(SONG, "ada", 1)
    assert store.annotation(SONG, "ada") == replace(first, modified=third.time)
    assert store.restore(SONG, "ada", 3, by="bob") == third
    assert [(row.who, row.what) for row in store.audit(SONG)] == [
        ("bob", "restore"),
        ("ada", "save"),
        ("ada", "save"),
    ]
    with pytest.raises(StorageError, match="no revision 9"):
        store.restore(SONG, "ada", 9, by="bob")


def test_lines_are_the_newest_of_each_author(store: Annotations) -> None:
    save(store, PARTS, None)
    bob = save(store, PARTS, None, author="bob")
    ada = save(store, replace(PARTS, tier="verified"), 1)
    other = store.save(OTHER, "ada", PARTS, parent=None, duration=60.0, tool="test")
    assert store.lines(SONG) == (ada, bob)
    assert store.lines() == (other, ada, bob)
    assert store.lines("sha256:no") == () and store.head(SONG, "eve") is None
    with pytest.raises(StorageError, match="no annotation of it by eve"):
        store.annotation(SONG, "eve")


def test_layers_stand_in_a_timeline(store: Annotations) -> None:
    save(store, replace(FULL, sections=(Section(5.0, 70.0, "drop"),)), None)
    save(store, replace(FULL, notes="x", sections=(Section(5.0, 70.0, "drop"),)), 1)
    save(store, Annotation(sections=()), None, author="bob")
    layers = store.layers(SONG, 60.0)
    timeline = Timeline(Recording(SONG, 60.0, 44_100, 2), layers)
    parts = timeline.layer("sections", "person:ada")
    assert parts is not None
    assert [(part.start, part.end, part.label) for part in parts.items] == [
        (0.0, 5.0, "other"),
        (5.0, 60.0, "drop"),
    ]
    assert (parts.revision, parts.parent, parts.verified) == (2, "person:ada#1", True)
    assert {layer.kind for layer in layers if layer.source == "person:ada"} >= {
        "beats",
        "tempo",
        "words",
        "comments",
    }
    assert timeline.layer("beats") is not None and parts.time == store.lines(SONG)[1].time
    assert [layer.kind for layer in layers if layer.source == "person:bob"] == ["sections"]


@pytest.mark.parametrize(
    "bad",
    [
        Annotation(sections=(Section(0.0, 60.0, "refrain"),)),
        Annotation(activity=(Span(0.0, 60.0, "noise"),)),
        Annotation(words=(Word(5.0, 6.0, text="b", probability=None), Word(1.0, 2.0, text="a", probability=None))),
        Annotation(tier="golden"),  # type: ignore[arg-type]
        Annotation(rest={"yaml": {1, 2}}),
        Annotation(notes=3),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_cannot_become_layers_is_refused_before_anything_is_kept(
    store: Annotations, bad: Annotation
) -> None:
    draft = store.keep_draft(SONG, "ada", None, PARTS)
    with pytest.raises(TimelineError):
        save(store, bad, None)
    assert store.history(SONG) == () and store.draft(SONG, "ada") == draft


@pytest.mark.parametrize(
    "name", ["", " ", "a" * 65, "../x", "a/b", "a\\b", ".hidden", "a\nb", "a\x00b", "\u200b"]
)
def test_what_is_no_name_is_refused(store: Annotations, name: str) -> None:
    with pytest.raises(StorageError, match="no name of an author"):
        save(store, PARTS, None, author=name)


@given(st.text())
def test_names_are_known_in_one_spelling(name: str) -> None:
    try:
        known = author_of(name)
    except EdmError:
        return
    assert author_of(known.upper()) == author_of(name.upper()) or len(name.upper()) > 64
    assert "/" not in known and "\\" not in known and known.isprintable()


def test_names_are_the_same_however_typed(store: Annotations) -> None:
    save(store, PARTS, None, author="Jos\u00e9 O'Hara")
    assert store.head(SONG, "  jose\u0301 o'hara") is not None
    assert store.head(SONG, "STRASSE") == store.head(SONG, "stra\u00dfe")


@pytest.mark.parametrize("duration", [0.0, -1.0, float("nan"), float("inf")])
def test_a_recording_lasts(store: Annotations, duration: float) -> None:
    with pytest.raises(EdmError):
        store.save(SONG, "ada", PARTS, parent=None, duration=duration, tool="test")
    assert store.history(SONG) == ()


@pytest.mark.parametrize("recording", ["", "x" * 81, "a\nb"])
def test_an_id_is_an_id(store: Annotations, recording: str) -> None:
    with pytest.raises(StorageError, match="no id"):
        store.save(recording, "ada", PARTS, parent=None, duration=60.0, tool="test")


def test_texts_that_databases_do_not_take_are_kept_as_far_as_can_be(store: Annotations) -> None:
    hard = Annotation(
        notes="a\x00b\ud800", rest={"x": "\ud800\x00"}, events=(Event(1.0, "\x00"),), flags=("\x00",)
    )
    save(store, hard, None, note="\x00\ud800")
    read = store.annotation(SONG, "ada")
    assert read.notes == "a\ufffdb?" and read.rest == hard.rest
    assert (read.events, read.flags) == (hard.events, hard.flags)
    assert save(store, read, 1).number == 1


def test_what_changed_is_told_on_one_printable_line(store: Annotations) -> None:
    word = Word(1.0, 2.0, text="a", probability=None)
    save(store, Annotation(words=(word,)), None)
    nasty = "\x1b[2J\x00\ud800\n\u202e!"
    second = save(store, Annotation(words=(replace(word, text=nasty),), flags=(nasty,)), 1)
    assert second.summary.isprintable() and "became" in second.summary
    assert store.history(SONG)[0].summary == second.summary
    assert store.annotation(SONG, "ada").words == (replace(word, text=nasty),)


def deep() -> dict[str, object]:
    held: dict[str, object] = {}
    for _ in range(100_000):
        held = {"x": held}
    return held


@pytest.mark.parametrize(
    "rest",
    [{"x": 10**5000}, {"x": {(1, 2): 3}}, {"x": {1: 2, "a": 3}}, deep()],
    ids=["long", "tuple", "mixed", "deep"],
)
def test_what_is_no_json_is_refused(store: Annotations, rest: dict[str, object]) -> None:
    with pytest.raises(TimelineError, match="cannot be written as JSON"):
        save(store, Annotation(rest=rest), None)
    assert store.history(SONG) == ()


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**70])
def test_numbers_that_no_revision_has(store: Annotations, number: int) -> None:
    save(store, PARTS, None)
    with pytest.raises(StorageError, match="no revision"):
        store.annotation(SONG, "ada", number)
    with pytest.raises(StorageError, match="no revision"):
        store.restore(SONG, "ada", number, by="ada")
    with pytest.raises(StorageError, match=r"no number|no revision"):
        store.keep_draft(SONG, "ada", number, PARTS)
    with pytest.raises(StorageError):
        save(store, Annotation(), number)
    assert len(store.history(SONG)) == 1


@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.floats(0.001, 59.999), max_size=5, unique=True),
    st.floats(10.0, 1000.0),
    st.none() | st.text(max_size=8),
    st.none() | st.floats(0, 1),
)
def test_numbers_come_back_to_the_last_digit(tmp_path, times, bpm, original, confidence) -> None:
    store = Annotations(Settings(data_dir=tmp_path))
    edges = [0.0, *sorted(times), 60.0]
    parts = tuple(
        Section(a, b, "drop", confidence, original=original) for a, b in zip(edges, edges[1:], strict=False)
    )
    said = Annotation(sections=parts, grid=(GridSegment(0.0, bpm),), confidence=confidence)
    head = store.head(SONG, "ada")
    save(store, said, head.number if head else None)
    read = store.annotation(SONG, "ada")
    assert (read.sections, read.grid, read.confidence) == (parts, said.grid, confidence)


def test_fifty_thousand_sections_are_kept(store: Annotations) -> None:
    many = tuple(Section(float(index), index + 1.0, "drop") for index in range(50_000))
    store.save(SONG, "ada", Annotation(sections=many), parent=None, duration=50_000.0, tool="test")
    assert store.annotation(SONG, "ada").sections == many


def test_equal_contents_are_kept_once(store: Annotations, settings: Settings) -> None:
    save(store, FULL, None)
    save(store, replace(FULL, sections=PARTS.sections), 1)
    save(store, FULL, None, author="bob")
    with database_of(settings).reading() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM contents ORDER BY kind").scalars().all()
    assert [kind for kind in kinds if kinds.count(kind) > 1] == ["sections", "sections"]


# --- drafts, presence, audit -------------------------------------------------------------------------


def test_a_draft_is_kept_until_it_is_saved_or_dropped(store: Annotations) -> None:
    unfinished = Annotation(sections=(Section(50.0, 90.0, "whatever"),), notes="\x00\ud800")
    assert store.draft(SONG, "ada") is None
    store.keep_draft(SONG, "ada", None, PARTS)
    kept = store.keep_draft(SONG, "Ada", 3, unfinished)
    assert store.draft(SONG, "ada") == kept
    assert (kept.base, kept.annotation, kept.author) == (3, unfinished, "ada")
    assert store.draft(SONG, "bob") is None and store.draft(OTHER, "ada") is None
    store.drop_draft(SONG, "ada")
    assert store.draft(SONG, "ada") is None
    store.drop_draft(SONG, "ada")
    store.keep_draft(SONG, "ada", None, PARTS)
    store.keep_draft(SONG, "bob", None, PARTS)
    save(store, PARTS, None)
    assert store.draft(SONG, "ada") is None and store.draft(SONG, "bob") is not None


def test_who_is_there(store: Annotations) -> None:
    assert store.present(SONG) == ()
    store.see(SONG, "Bob")
    store.see(SONG, "ada")
    store.see(SONG, "ada")
    store.see(OTHER, "eve")
    assert [each.author for each in store.present(SONG)] == ["ada", "bob"]
    assert store.present(SONG, within_s=-60.0) == ()
    store.leave(SONG, "bob")
    store.leave(SONG, "nobody")
    assert [each.author for each in store.present(SONG)] == ["ada"]


def test_the_audit_log_tells_who_did_what_newest_first(store: Annotations) -> None:
    save(store, PARTS, None)
    store.save(OTHER, "bob", PARTS, parent=None, duration=60.0, tool="test")
    assert [(row.who, row.what, row.recording) for row in store.audit()] == [
        ("bob", "save", OTHER),
        ("ada", "save", SONG),
    ]
    assert store.audit(limit=1) == store.audit(OTHER)
    assert store.audit(SONG)[0].detail == "revision 1 of ada with test: 2 sections"
