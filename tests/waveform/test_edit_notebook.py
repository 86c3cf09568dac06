"""The editor in a notebook: what it is given, and what its messages do to the store."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from edm_core.audio import Sound
from edm_core.errors import EdmError, StorageError
from edm_core.store.annotations import Annotations
from edm_core.store.assignments import assign
from edm_core.timeline import Layer, Section, Timeline
from edm_core.waveform import edit, edit_notebook

RATE, END = 16_000, 3.0


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def sound() -> Sound:
    samples = (0.5 * np.sin(2 * np.pi * 440 * np.arange(END * RATE) / RATE)).astype(np.float32)
    return Sound.from_samples(samples, RATE)


@pytest.fixture
def timeline(sound) -> Timeline:
    parts = (Section(0.0, 1.0, "intro"), Section(1.0, END, "drop"))
    return Timeline(sound.recording, (Layer("sections", "model:sections@1", parts),))


def song(*parts: tuple[float, float, str]) -> dict[str, Any]:
    return {"sections": [{"start": start, "end": end, "label": label} for start, end, label in parts]}


def test_it_has_everything_with_it(timeline, sound):
    widget = edit(timeline, sound, author="Rater-1", at=1.0)
    props = widget.props
    assert (props["author"], props["at"], props["url"]) == ("rater-1", 1.0, None)
    assert [part["label"] for part in props["suggestion"]["sections"]] == ["intro", "drop"]
    assert len(widget.peaks) == 8 * sum(props["peaks"]["levels"]) and len(widget.audio) > 1000
    assert json.loads(json.dumps(props)) == props


def test_messages_save_and_the_timeline_shows_it(timeline, sound):
    widget = edit(timeline, sound, author="ada")
    assert widget.timeline == timeline
    status, body = widget.answer({"do": "save", "annotation": song((0.0, END, "outro")), "parent": None})
    assert (status, body["revision"]["number"], body["revision"]["tool"]) == (201, 1, "notebook")
    assert [part.label for part in widget.timeline.sections] == ["outro"]
    assert widget.timeline.layer("sections", "model:sections@1") == timeline.layer("sections")
    status, body = widget.answer({"do": "draft", "annotation": song((0.0, 1.0, "drop")), "base": 1})
    assert status == 200 and body["kept"] and "gap" in [each["kind"] for each in body["findings"]]
    assert widget.answer({"do": "open"})[1]["draft"]["base"] == 1
    status, body = widget.answer({"do": "save", "annotation": song((0.0, END, "drop")), "parent": 1})
    assert (status, body["revision"]["number"]) == (200, 2)
    assert [each["number"] for each in widget.answer({"do": "history"})[1]["revisions"]] == [2, 1]
    assert widget.answer({"do": "revision", "number": 1})[1]["annotation"]["sections"][0]["label"] == "outro"
    status, body = widget.answer({"do": "restore", "number": 1})
    assert (status, body["revision"]["number"]) == (200, 3)
    assert [part.label for part in widget.timeline.sections] == ["outro"]


def test_two_widgets_clash_as_two_browsers_do(timeline, sound):
    one, other = edit(timeline, sound, author="ada"), edit(timeline, sound, author="ada")
    first = song((0.0, 1.0, "intro"), (1.0, 2.0, "drop"), (2.0, END, "outro"))
    one.answer({"do": "save", "annotation": first, "parent": None})
    theirs = song((0.0, 1.0, "silence"), (1.0, 2.0, "drop"), (2.0, END, "outro"))
    ours = song((0.0, 1.0, "intro"), (1.0, 2.0, "drop"), (2.0, END, "other"))
    assert one.answer({"do": "save", "annotation": theirs, "parent": 1})[0] == 200
    status, body = other.answer({"do": "save", "annotation": ours, "parent": 1})
    assert (
        status == 409 and body["detail"] and (body["base"]["revision"], body["theirs"]["revision"]) == (1, 2)
    )
    assert [part["label"] for part in body["merged"]["sections"]] == ["silence", "drop", "other"]
    assert other.answer({"do": "save", "annotation": body["merged"], "parent": 2})[0] == 200


def test_what_is_sent_is_answered_with_its_id(timeline, sound, monkeypatch):
    widget = edit(timeline, sound, author="ada")
    sent: list[Any] = []
    monkeypatch.setattr(type(widget), "send", lambda self, content, buffers=None: sent.append(content))
    widget._handle_custom_msg({"id": 7, "do": "present"}, [])
    widget._handle_custom_msg({"something": "else"}, [])
    widget._handle_custom_msg("text", [])
    assert sent == [{"id": 7, "status": 200, "body": {"present": []}}]
    assert widget.answer({"do": "leave"}) == (204, {})


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({}, 400),
        ({"do": "fly"}, 400),
        ({"do": []}, 400),
        ({"do": "save"}, 422),
        ({"do": "save", "annotation": {}, "parent": "1"}, 422),
        ({"do": "save", "annotation": {}, "parent": True}, 422),
        ({"do": "save", "annotation": {}, "parent": 4}, 404),
        ({"do": "save", "annotation": {}, "parent": None, "note": 3}, 422),
        ({"do": "save", "annotation": {"notes": "\ud800"}, "parent": None}, 422),
        ({"do": "draft", "annotation": {}, "base": -1}, 422),
        ({"do": "draft", "annotation": {"grid": [{"time": 0.0, "bpm": float("nan")}]}}, 422),
        ({"do": "revision", "number": "x"}, 404),
        ({"do": "restore"}, 404),
    ],
)
def test_what_cannot_be_done_is_told(timeline, sound, message, status):
    widget = edit(timeline, sound, author="ada")
    answer, body = widget.answer(message)
    assert (answer, body["status"]) == (status, status) and body["detail"]
    assert Annotations().history(timeline.recording.id) == ()


def test_a_blind_pass_hides_others_here_too(timeline, sound):
    edit(timeline, sound, author="bob").answer(
        {"do": "save", "annotation": song((0.0, END, "drop")), "parent": None}
    )
    assert len(edit(timeline, sound, author="ada").props["others"]) == 1
    assign(Annotations(), [timeline.recording.id], "ada", by="bob", kind="unaided")
    widget = edit(timeline, sound, author="ada")
    assert widget.props["others"] == [] and widget.props["suggestion"] is None
    _, body = widget.answer({"do": "draft", "annotation": song((0.0, END, "drop")), "base": None})
    assert body["distance"] == []


def test_an_author_has_a_name(timeline, sound):
    with pytest.raises(StorageError, match="name of an author"):
        edit(timeline, sound, author="a/b")


def test_without_anywidget_it_says_what_to_install(timeline, sound, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    edit_notebook._widget.cache_clear()
    try:
        with pytest.raises(EdmError, match="edm-workbench\\[notebook\\]"):
            edit(timeline, sound, author="ada")
    finally:
        edit_notebook._widget.cache_clear()
