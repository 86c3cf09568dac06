"""Annotations over HTTP: revisions and their conditions, drafts, history, presence, and what is refused."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from edm_core.annotation import Annotation, Subject
from edm_core.service.api.annotations import desk_of
from edm_core.service.bench import Workbench
from edm_core.service.web import requests as routes_module
from edm_core.store import Entry
from edm_core.store.annotations import Annotations
from edm_core.store.answers import plain
from edm_core.timeline import Layer, Recording, Section, Timeline

END = 2.0


def song(*parts: tuple[float, float, str], **more: Any) -> dict[str, Any]:
    sections = [{"start": start, "end": end, "label": label} for start, end, label in parts]
    return {"sections": sections, **more}


INTRO = song((0.0, 1.0, "intro"), (1.0, END, "drop"))
LATER = song((0.0, 1.5, "intro"), (1.5, END, "drop"))
OUTRO = song((0.0, 1.0, "intro"), (1.0, END, "outro"))


@pytest.fixture
def address(entry: Entry) -> str:
    return f"/api/v1/recordings/{entry.digest}/annotations"


@pytest.fixture
def put(client: TestClient, address: str) -> Any:
    """Save as somebody, from a revision or as a first one."""

    def save(annotation: Any, parent: int | None = None, *, author: str = "ada", note: str = "") -> Any:
        condition = {"If-None-Match": "*"} if parent is None else {"If-Match": f'"{parent}"'}
        body = {"annotation": annotation, "note": note}
        return client.put(address, params={"author": author}, json=body, headers=condition)

    return save


def labels(answer: Any) -> list[tuple[float, str]]:
    return [(part["start"], part["label"]) for part in answer["sections"]]


def test_a_line_that_does_not_exist_yet(client: TestClient, address: str) -> None:
    answer = client.get(address, params={"author": "ada"})
    assert answer.json() == {"revision": None, "annotation": None, "draft": None}
    assert "etag" not in answer.headers


def test_a_first_save_and_a_second(client: TestClient, address: str, put: Any) -> None:
    first = put(INTRO, note="first listen")
    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    revision = first.json()["revision"]
    assert (revision["number"], revision["parent"], revision["note"]) == (1, None, "first listen")
    assert revision["author"] == "ada" and revision["time"].endswith("Z") and "summary" in revision
    second = put(LATER, 1)
    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    answer = client.get(address, params={"author": "ada"})
    assert answer.headers["etag"] == '"2"' and answer.json()["revision"] == 2
    assert labels(answer.json()["annotation"]) == [(0.0, "intro"), (1.5, "drop")]
    # Two authors have two lines.
    assert client.get(address, params={"author": "bob"}).json()["revision"] is None
    assert [line["author"] for line in client.get(address).json()["lines"]] == ["ada"]


def test_the_same_again_is_no_new_revision(put: Any) -> None:
    put(INTRO)
    again = put(INTRO, 1)
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')


def test_a_stale_save_gives_both_versions_and_their_merge(client: TestClient, address: str, put: Any) -> None:
    base = song((0.0, 0.5, "intro"), (0.5, 1.0, "buildup"), (1.0, 1.5, "drop"), (1.5, END, "outro"))
    theirs = song((0.0, 0.5, "silence"), (0.5, 1.0, "buildup"), (1.0, 1.5, "drop"), (1.5, END, "outro"))
    ours = song((0.0, 0.5, "intro"), (0.5, 1.0, "buildup"), (1.0, 1.5, "drop"), (1.5, END, "other"))
    put(base)
    assert put(theirs, 1).status_code == 200
    stale = put(ours, 1)
    assert stale.status_code == 409 and stale.headers["content-type"] == "application/problem+json"
    assert stale.headers["etag"] == '"2"'
    found = stale.json()
    assert found["detail"] and found["remedy"]
    assert (found["base"]["revision"], found["theirs"]["revision"]) == (1, 2)
    assert labels(found["base"]["annotation"]) == labels(base)
    assert labels(found["theirs"]["annotation"]) == labels(theirs)
    assert labels(found["merged"]) == [(0.0, "silence"), (0.5, "buildup"), (1.0, "drop"), (1.5, "other")]
    assert found["clashes"] == []
    merged = put(found["merged"], 2)
    assert merged.status_code == 200 and merged.json()["revision"]["parent"] == 2


def test_what_both_changed_is_a_clash_with_a_place(put: Any) -> None:
    put(INTRO)
    put(LATER, 1)
    (clash,) = put(OUTRO, 1).json()["clashes"]
    assert clash["field"] == "sections" and (clash["start"], clash["end"]) == (0.0, END)
    assert [part["label"] for part in clash["ours"]] == ["intro", "outro"]
    assert [part["start"] for part in clash["theirs"]] == [0.0, 1.5]


def test_where_the_file_lies_is_no_matter_of_opinion(bench: Workbench, entry: Entry, put: Any) -> None:
    put(INTRO)
    elsewhere = Annotation(
        Subject(entry.id, "/elsewhere/tone.wav", "Another title"), sections=(Section(0.0, END, "drop"),)
    )
    bench.library.annotations.save(entry.id, "ada", elsewhere, parent=1, duration=END, tool="test")
    answer = put({**INTRO, "notes": "a tone"}, 1)
    assert answer.json()["clashes"] == [] and "elsewhere/" not in answer.text
    assert answer.json()["merged"]["notes"] == "a tone"


def test_that_there_are_no_beats_can_be_said(client: TestClient, address: str, put: Any) -> None:
    assert put({"grid": [], "sections": []}).status_code == 201
    saved = client.get(address, params={"author": "ada"}).json()["annotation"]
    assert (saved["grid"], saved["sections"], "events" in saved) == ([], [], False)


def test_what_a_file_left_open_can_be_edited_and_saved(
    bench: Workbench, entry: Entry, client: TestClient, address: str, put: Any
) -> None:
    imported = Annotation(sections=(Section(0.5, 1.0, "drop"),))
    for author in ("ada", "bob"):
        bench.library.annotations.save(entry.id, author, imported, parent=None, duration=END, tool="import")
    shown = client.get(address, params={"author": "ada"}).json()["annotation"]
    assert labels(shown) == [(0.0, "other"), (0.5, "drop"), (1.0, "other")]
    assert [labels(plain(each)) for _, _, each in desk_of(bench, entry, "ada").others()] == [labels(shown)]
    shown["sections"][0]["label"] = "intro"
    assert put(shown, 1).status_code == 200


def test_two_first_saves_clash_too(put: Any) -> None:
    put(INTRO)
    answer = put(OUTRO)
    assert answer.status_code == 409 and answer.json()["base"] is None
    assert labels(answer.json()["theirs"]["annotation"]) == labels(INTRO)


def test_a_save_says_what_it_began_from(client: TestClient, address: str, put: Any) -> None:
    put(INTRO)

    def saving(**headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.put(address, params={"author": "ada"}, json={"annotation": LATER}, headers=sent)

    assert saving().status_code == 428 and "If-Match" in saving().json()["remedy"]
    for wrong in ({"if_match": "1"}, {"if_match": "*"}, {"if_none_match": '"1"'}, {"if_match": '"x"'}):
        assert saving(**wrong).status_code == 400, wrong
    assert saving(if_match='"1"', if_none_match="*").status_code == 400
    assert saving(if_match='"7"').status_code == 404
    assert saving(if_match='W/"1"').status_code == 200  # as a proxy that compresses leaves it


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        ({"sections": 3}, "annotation.sections: 3 is not a list"),
        ({"colour": "red"}, "unknown key 'colour'"),
        (song((0.0, 1.0, "intro")), "nothing is said from 1.000 s"),
        (song((0.0, 1.5, "intro"), (1.0, END, "drop")), "begins before"),
        (song((1.0, END, "intro"), (0.0, 1.0, "drop")), "stands after"),
        (song((0.0, 3.0, "intro")), "ends behind the end"),
        (song((0.0, END, "chorus")), "chorus"),
        ({"events": [{"time": 3.0, "label": "drop"}]}, "begins at 3.0 s"),
        ({"grid": [{"time": 0.0, "bpm": 0.0}]}, "BPM"),
        ({"grid": [{"time": 0.0, "bpm": 1e400}]}, "no file can"),
        ({"grid": [{"time": 0.0, "bpm": 10**400}]}, "beyond all bounds"),
        ({"notes": "\ud800"}, "no file can"),
        ({"recording": {"id": "sha256:00"}}, "sha256:00"),
        ({"tier": "gold"}, "gold"),
        ([], "not an object"),
    ],
)
def test_what_is_no_annotation_is_refused_with_its_place(
    client: TestClient, address: str, annotation: Any, words: str
) -> None:
    import json

    answer = client.put(
        address,
        params={"author": "ada"},
        content=json.dumps({"annotation": annotation}),
        headers={"If-None-Match": "*", "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert client.get(address, params={"author": "ada"}).json()["revision"] is None


@pytest.mark.parametrize("author", ["", " ", "a" * 65, "a\nb", "a\x00"])
def test_an_author_has_a_name(put: Any, author: str) -> None:
    answer = put(INTRO, author=author)
    assert answer.status_code == 422 and answer.json()["detail"]


def test_bodies_that_are_none(client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"If-None-Match": "*", "Content-Type": "application/json"}

    def sending(content: Any, **more: str) -> int:
        answer = client.put(address, params={"author": "ada"}, content=content, headers={**headers, **more})
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code

    assert sending(b"{") == 400
    assert sending(b"[" * 100_000) == 400
    assert sending(b"[]") == 400
    assert sending(b"\xff") == 400
    assert sending(b"{}") == 422
    assert sending(b'{"annotation": {}, "note": 3}') == 422
    assert sending(b"{}", **{"Content-Type": "text/plain"}) == 415
    monkeypatch.setattr(routes_module, "LIMIT", 100)
    assert sending(b'{"annotation": {"notes": "' + b"a" * 100 + b'"}}') == 413


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_sites_page_writes_nothing(client: TestClient, address: str, headers: dict[str, str]) -> None:
    answer = client.post(f"{address}/presence", params={"author": "ada"}, json={}, headers=headers)
    assert answer.status_code == 403
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post(f"{address}/presence", params={"author": "ada"}, json={}, headers=ours).is_success


def test_a_draft_is_kept_checked_and_dropped_by_saving(client: TestClient, address: str, put: Any) -> None:
    put(INTRO)
    unfinished = song((0.0, 1.0, "drop"), (1.0, 1.5, "buildup"))
    answer = client.put(
        f"{address}/draft", params={"author": "ada"}, json={"annotation": unfinished, "base": 1}
    )
    assert answer.status_code == 200 and answer.json()["kept"].endswith("Z")
    kinds = [finding["kind"] for finding in answer.json()["findings"]]
    assert "gap" in kinds and "lonely_buildup" in kinds
    draft = client.get(address, params={"author": "ada"}).json()["draft"]
    assert (draft["base"], labels(draft["annotation"])) == (1, labels(unfinished))
    put(LATER, 1)
    assert client.get(address, params={"author": "ada"}).json()["draft"] is None


def test_fifty_thousand_sections_are_kept_and_saved(client: TestClient, address: str, put: Any) -> None:
    edges = [END * index / 50_000 for index in range(50_001)]
    many = song(*((start, end, "drop") for start, end in zip(edges, edges[1:], strict=False)))
    answer = client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": many, "base": None})
    (finding,) = answer.json()["findings"]
    assert "50000 sections" in finding["message"]
    assert put(many).status_code == 201
    saved = client.get(address, params={"author": "ada"}).json()["annotation"]["sections"]
    assert len(saved) == 50_000 and saved[-1]["end"] == END


def test_a_draft_in_which_everything_was_undone_is_none(client: TestClient, address: str, put: Any) -> None:
    put(INTRO)
    for each, there in ((LATER, True), (INTRO, False)):
        client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": each, "base": 1})
        assert (client.get(address, params={"author": "ada"}).json()["draft"] is not None) == there


def test_a_draft_survives_a_save_that_clashed(client: TestClient, address: str, put: Any) -> None:
    put(INTRO)
    put(LATER, 1)
    client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": OUTRO, "base": 1})
    assert put(OUTRO, 1).status_code == 409
    assert client.get(address, params={"author": "ada"}).json()["draft"]["base"] == 1


def test_the_checks_look_at_the_draft_and_not_at_what_others_verified(
    bench: Workbench, entry: Entry, client: TestClient, address: str, put: Any
) -> None:
    put({**OUTRO, "tier": "reference"}, author="reference")
    answer = client.put(
        f"{address}/draft",
        params={"author": "ada"},
        json={"annotation": song((0.0, 1.0, "outro"), (1.0, END, "drop")), "base": None},
    )
    assert "outro_not_last" in [finding["kind"] for finding in answer.json()["findings"]]


def test_history_revisions_and_restoring(client: TestClient, address: str, put: Any) -> None:
    put(INTRO)
    put(LATER, 1)
    history = client.get(f"{address}/history", params={"author": "ada"}).json()["revisions"]
    assert [(each["number"], each["parent"]) for each in history] == [(2, 1), (1, None)]
    old = client.get(f"{address}/revisions/1", params={"author": "ada"})
    assert old.headers["etag"] == '"1"' and labels(old.json()["annotation"]) == labels(INTRO)
    restored = client.post(f"{address}/restore", json={"author": "ada", "number": 1})
    assert restored.status_code == 200 and restored.headers["etag"] == '"3"'
    assert labels(restored.json()["annotation"]) == labels(INTRO)
    assert client.get(address, params={"author": "ada"}).json()["revision"] == 3
    for missing in (7, 0):
        answer = client.get(f"{address}/revisions/{missing}", params={"author": "ada"})
        assert answer.status_code == 404
        assert client.post(f"{address}/restore", json={"author": "ada", "number": missing}).status_code == 404
    for wrong in ("x", True, None, -1, "9" * 30):
        assert client.post(f"{address}/restore", json={"author": "ada", "number": wrong}).status_code == 422


def test_presence(client: TestClient, address: str) -> None:
    def seen(author: str) -> list[str]:
        answer = client.post(f"{address}/presence", json={"author": author})
        return [each["author"] for each in answer.json()["present"]]

    assert seen("ada") == []
    assert seen("bob") == ["ada"]
    assert seen("ada") == ["bob"]
    assert client.post(f"{address}/presence", json={"author": "bob", "leave": True}).status_code == 204
    assert seen("ada") == []


def test_unknown_recordings_and_methods(client: TestClient, address: str) -> None:
    unknown = f"/api/v1/recordings/{'f' * 64}/annotations"
    assert client.get(unknown, params={"author": "ada"}).status_code == 404
    assert client.post(address, json={}).status_code == 405


def test_the_path_on_this_machine_stays_here(
    bench: Workbench, entry: Entry, client: TestClient, address: str, put: Any
) -> None:
    put(INTRO)
    answer = client.get(address, params={"author": "ada"})
    assert "tone.wav" not in answer.text
    kept = Annotations(bench.settings).annotation(entry.id, "ada")
    assert kept.recording.path == entry.path  # and the store keeps it, for files of other programs


def test_the_desk_of_an_analysed_recording_knows_what_was_found(bench: Workbench, entry: Entry) -> None:
    about = Recording(entry.id, END, 44_100, 1)
    found = Layer("sections", "model:sections@1", (Section(0.0, END, "drop"),))
    bench.library.save_timeline(Timeline(about, (found,)))
    desk = desk_of(bench, entry, "ada")
    assert desk.found.sections == found.items and desk.findings(Annotation()) is not None


def test_a_draft_of_a_line_that_was_lost_can_still_be_saved(
    bench: Workbench, entry: Entry, client: TestClient, address: str, put: Any
) -> None:
    client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": INTRO, "base": 4})
    assert client.get(address, params={"author": "ada"}).json()["draft"]["base"] is None
    put(LATER)
    client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": INTRO, "base": 4})
    assert client.get(address, params={"author": "ada"}).json()["draft"]["base"] is None


def test_how_far_two_annotators_are_apart(client: TestClient, address: str, put: Any) -> None:
    put(LATER, author="bob")
    answer = client.put(
        f"{address}/draft", params={"author": "ada"}, json={"annotation": INTRO, "base": None}
    )
    (apart,) = answer.json()["distance"]
    assert (apart["author"], apart["boundaries"], apart["labels"]) == ("bob", 1.0, 0.75)
    # What has no name yet is no other name.
    begun = {
        "sections": [
            *INTRO["sections"][:1],
            {"start": 1.0, "end": END, "label": "other", "original": "unlabeled"},
        ]
    }
    half = client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": begun, "base": None})
    assert half.json()["distance"][0]["labels"] == 1.0
    empty = client.put(f"{address}/draft", params={"author": "ada"}, json={"annotation": {}, "base": None})
    assert empty.json()["distance"] == []
