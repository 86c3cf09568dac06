"""What the editor is given: annotations as they are written, labels with their keys, no path of this machine."""

import json

from edm_core.annotation import Annotation, Subject
from edm_core.content.labels import read_labels
from edm_core.grid import GridSegment
from edm_core.resources import LABELS
from edm_core.store.answers import read_annotation
from edm_core.timeline import Layer, Recording, Section, Timeline
from edm_core.vocabulary import ACTIVITY_LABELS, SECTION_LABELS
from edm_core.waveform import Neighbour, editor_view
from edm_core.waveform.editor_props import suggestion, vocabulary

SONG = Recording("sha256:00", 60.0, 44_100, 2, path="/home/ada/loop.wav", title="Loop", artist="Ada")
NOTHING = {"annotation": None, "revision": None, "draft": None}
DROP = (Section(0.0, 60.0, "drop"),)
INTRO = (Section(0.0, 60.0, "intro"),)


def test_the_suggestion_is_what_models_say_even_where_a_person_is_chosen() -> None:
    layers = (
        Layer("sections", "model:sections@1", DROP),
        Layer("sections", "person:ada", INTRO, verified=True),
    )
    found = suggestion(Timeline(SONG, layers))
    assert found is not None
    assert [part["label"] for part in found["sections"]] == ["drop"]
    assert suggestion(Timeline(SONG, layers[1:])) is None and suggestion(None) is None


def test_no_path_of_this_machine_travels() -> None:
    heard = Annotation(Subject(SONG.id, SONG.path), sections=DROP)
    props = editor_view(
        SONG,
        author="bob",
        line=NOTHING,
        found=Timeline(SONG, (Layer("sections", "model:sections@1", DROP),)),
        others=[("ada", 3, heard)],
    )
    assert "/home" not in json.dumps(props) and props["recording"]["title"] == "Loop"
    assert props["others"][0]["revision"] == 3


def test_a_suggestion_can_be_saved_as_it_is() -> None:
    grid = (GridSegment(0.02, 128.0),)
    heard = Timeline(SONG, (Layer("sections", "model:sections@1", DROP),))
    found = suggestion(heard)
    assert found is not None and read_annotation(found).sections == DROP
    whole = read_annotation({**found, "grid": [{"time": 0.02, "bpm": 128}]})
    assert whole.grid == grid


def test_labels_come_with_their_keys() -> None:
    labels = vocabulary()
    assert [(each["key"], each["label"]) for each in labels["sections"]] == [
        (str(number), label) for number, label in enumerate(SECTION_LABELS, 1)
    ]
    assert [each["label"] for each in labels["activity"]] == list(ACTIVITY_LABELS)
    assert labels["topics"] == list(read_labels(LABELS / "topics.yaml").names)
    assert labels["safety"] == ["hate", "sexual", "violence", "self_harm", "profanity"]


def test_the_playhead_stays_within_the_recording_and_neighbours_are_named() -> None:
    props = editor_view(
        SONG, author="ada", line=NOTHING, found=None, at=99.0, next=Neighbour("sha256:01", "B")
    )
    assert props["at"] == 60.0 and props["next"] == {"id": "sha256:01", "title": "B"}
    assert props["previous"] is None and props["url"] is None and props["peaks"] is None
