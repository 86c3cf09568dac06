"""Scoring again: it is added, numbered, kept once a request, and shown by the library's timeline."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pytest

from edm_core.annotation import Annotation
from edm_core.errors import StorageError, TimelineError
from edm_core.items import Evidence, Passage, Reaction, Recording, Target
from edm_core.joining import SCORINGS, digest_of
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.annotations import Annotations
from edm_core.store.database import database_of
from edm_core.store.scorings import Scorings
from edm_core.timeline import Layer, Timeline

SONG = Recording("sha256:" + "1" * 64, 60.0, 44_100, 2, title="Title")
SAID = (Passage(0.0, 8.0, text="rain"), Passage(10.0, 18.0, text="or shine"))
LOW, HIGH = (0.8, 0.2, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.2, 0.8)


def reaction(index: int, persona: str = "genz", *, high: bool = True, scorer: str = "offline@2") -> Reaction:
    said = SAID[index]
    return Reaction(
        said.start,
        said.end,
        persona=persona,
        target=Target("passage", index),
        status="ok",
        score=4.8 if high else 1.2,
        distribution=HIGH if high else LOW,
        confidence=0.6,
        opinion='Ünïcödé {braces} "quotes" \x00 and \U0001f3a7',
        scorer=scorer,
        evidence=(Evidence("rain", 1.0, 1.5),),
        persona_version="v1",
        heard=digest_of(said),
        model="m",
        prompt_hash="p",
        seed=7,
        time="2026-01-01T00:00:00.5Z",
        flags=("instructions",),
    )


def add(store: Scorings, *reactions: Reaction, **more):
    asked = {each.persona: each.persona_version for each in reactions}
    return store.add(SONG, reactions, scorer="offline@2", personas=asked, **more)


def test_what_was_scored_comes_back_as_it_was(settings: Settings) -> None:
    store = Scorings(settings)
    failed = replace(reaction(1), status="failed", score=None, distribution=None, note="no answer")
    scoring = add(store, failed, reaction(0), who=" Ada ", note="louder\0")
    assert (scoring.number, scoring.parent, scoring.who, scoring.note) == (1, None, "ada", "louder\ufffd")
    assert (scoring.scored, scoring.total, scoring.coverage) == (1, 2, "1 of 2")
    assert scoring.personas == {"genz": "v1"} and scoring.time.endswith("Z")
    assert Scorings(settings).history(SONG.id) == (scoring,)
    assert store.reactions(SONG.id, 1) == (reaction(0), failed)
    (layer,) = store.layers(SONG.id)
    assert (layer.source, layer.revision, layer.parent, layer.time) == (SCORINGS, 1, None, scoring.time)


def test_half_a_character_is_kept_as_a_question_mark(settings: Settings) -> None:
    store = Scorings(settings)
    add(store, replace(reaction(0), opinion="so \ud83c", note="\udfa7"))
    (kept,) = store.reactions(SONG.id, 1)
    assert (kept.opinion, kept.note) == ("so ?", "?")


def test_scoring_again_is_a_further_one_even_if_nothing_changed(settings: Settings) -> None:
    store = Scorings(settings)
    first, second = add(store, reaction(0)), add(store, reaction(0))
    assert (second.number, second.parent, second.digest) == (2, 1, first.digest)
    assert store.history(SONG.id) == (second, first) and first.time <= second.time
    assert [row.what for row in Annotations(settings).audit(SONG.id)] == ["score", "score"]
    assert store.layers(SONG.id)[1].parent == f"{SCORINGS}#1"
    assert store.history("sha256:other") == () == store.layers("sha256:other")


def test_a_request_is_kept_once(settings: Settings) -> None:
    store = Scorings(settings)
    first = add(store, reaction(0), request="r1")
    assert add(store, reaction(0, high=False), request="r1") == first
    assert add(store, reaction(0), request="r2").number == 2
    assert len(store.history(SONG.id)) == 2


def test_what_cannot_be_a_scoring_changes_nothing(settings: Settings) -> None:
    store = Scorings(settings)
    with pytest.raises(TimelineError, match=r"boomers.*not asked"):
        store.add(SONG, [reaction(0, "boomers")], scorer="s@1", personas={"genz": "v1"})
    with pytest.raises(StorageError, match="name of a request"):
        add(store, reaction(0), request="r" * 65)
    with pytest.raises(StorageError, match="no name"):
        add(store, reaction(0), who="../ada")
    assert store.history(SONG.id) == ()
    with pytest.raises(StorageError, match="no scoring 3"):
        store.reactions(SONG.id, 3)


def test_many_that_score_at_once_are_numbered_in_a_row(settings: Settings) -> None:
    barrier = threading.Barrier(8)

    def score(index: int) -> None:
        barrier.wait()
        for step in range(5):
            add(Scorings(settings), reaction(0), note=f"{index} {step}", request=f"{index // 2} {step}")

    threads = [threading.Thread(target=score, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = Scorings(settings).history(SONG.id)
    assert [each.number for each in history] == list(range(20, 0, -1))
    assert [each.parent for each in history] == [*range(19, 0, -1), None]
    assert [each.time for each in history] == sorted((each.time for each in history), reverse=True)


@pytest.fixture
def analysed(library: Library) -> Timeline:
    entry = library.add_upload("track.mp3", io.BytesIO(b"sound"))
    recording = replace(SONG, id=entry.id)
    timeline = Timeline(
        recording,
        (
            Layer("passages", "model:content@1", SAID, time="2026-01-01T00:00:00Z"),
            Layer(
                "reactions",
                "model:personas@1",
                tuple(reaction(index, who, high=False) for index in (0, 1) for who in ("ads", "genz")),
                time="2026-01-01T00:00:00Z",
            ),
        ),
    )
    library.save_timeline(timeline)
    return timeline


def test_the_timeline_shows_the_newest_and_keeps_the_rest(library: Library, analysed: Timeline) -> None:
    assert library.timeline(analysed.recording.id) == analysed
    for high in (True, False):
        again = [reaction(index, high=high) for index in (0, 1)]
        library.scorings.add(analysed.recording, again, scorer="offline@2", personas={"genz": "v1"})
    timeline = library.timeline(analysed.recording.id)
    assert timeline is not None
    layers = [layer for layer in timeline.layers if layer.kind == "reactions"]
    assert [(layer.source, layer.revision, layer.parent) for layer in layers] == [
        ("model:personas@1", 1, None),
        (SCORINGS, 1, "model:personas@1#1"),
        (SCORINGS, 2, f"{SCORINGS}#1"),
    ]
    scores = [{(one.persona, one.score) for one in layer.items} for layer in layers]
    assert scores == [
        {("ads", 1.2), ("genz", 1.2)}, {("ads", 1.2), ("genz", 4.8)}, {("ads", 1.2), ("genz", 1.2)},
    ]  # fmt: skip
    assert timeline.reactions == layers[2].items
    assert Timeline.from_json(timeline.to_json()) == timeline
    assert library.analysis(analysed.recording.id) == analysed


def test_what_a_person_changed_waits_until_it_is_scored(library: Library, analysed: Timeline) -> None:
    id = analysed.recording.id
    library.scorings.add(
        analysed.recording, [reaction(0), reaction(1)], scorer="offline@2", personas={"genz": "v1"}
    )
    corrected = Annotation(passages=(replace(SAID[0], text="train"), SAID[1]))
    library.annotations.save(id, "ada", corrected, parent=None, duration=60.0, tool="test")
    timeline = library.timeline(id)
    assert timeline is not None
    assert [(one.persona, one.target.index, one.status) for one in timeline.reactions] == [
        ("ads", 0, "pending"), ("genz", 0, "pending"), ("ads", 1, "ok"), ("genz", 1, "ok"),
    ]  # fmt: skip
    heard = replace(reaction(0), heard=digest_of(corrected.passages[0]), score=4.8)
    library.scorings.add(
        analysed.recording, [heard, reaction(1)], scorer="offline@2", personas={"genz": "v1"}
    )
    timeline = library.timeline(id)
    assert timeline is not None
    assert [one.status for one in timeline.reactions] == ["pending", "ok", "ok", "ok"]


def test_scorings_that_cannot_be_read_leave_the_analysis(library: Library, analysed: Timeline) -> None:
    add(library.scorings, reaction(0))
    with database_of(library.settings).writing() as connection:
        connection.exec_driver_sql("DROP TABLE scorings")
    timeline = library.timeline(analysed.recording.id)
    assert timeline is not None and timeline.reactions == analysed.reactions
    assert [problem.stage for problem in timeline.problems] == ["annotations"]
