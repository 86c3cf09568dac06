"""The earlier systems' paths: what their clients ask and get."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from edm_core.service.bench import Workbench
from edm_core.service.scoring_job import score_entry
from edm_core.store import Entry
from edm_core.timeline import Timeline

MISSING = "0" * 64


@pytest.fixture
def scored(bench: Workbench, entry: Entry, heard: Timeline, judge: Any) -> Entry:
    score_entry(bench.library, entry, personas=["genz", "tradies"])
    return entry


# --- the broadcast analyser --------------------------------------------------------------------------


def test_evaluate_takes_a_file(client: TestClient, bench: Workbench, wav: Path) -> None:
    answer = client.post("/evaluate/", files={"file": ("show.wav", wav.read_bytes())})
    body = answer.json()
    assert answer.status_code == 200 and body["status"] == "processing"
    assert {"genz", "advertiser"} <= set(body["job_ids"])
    assert client.get(f"/status/{body['audio_id']}").json()["status"] == "queued"
    (job,) = bench.queue.jobs()
    assert set(body["job_ids"].values()) == {job.id}


def test_evaluate_knows_what_it_has(client: TestClient, scored: Entry, wav: Path) -> None:
    body = client.post("/evaluate", files={"file": ("show.wav", wav.read_bytes())}).json()
    assert (body["audio_id"], body["status"], body["segment_count"]) == (
        scored.digest,
        "already_processed",
        2,
    )
    assert body["transcript_length"] > 50 and body["job_ids"] == {}
    assert client.get(f"/status/{scored.digest}").json() == {
        "audio_id": scored.digest, "status": "completed", "stage": None, "progress": 1.0, "message": None,
    }  # fmt: skip


def test_segments_hold_passages_and_what_personas_made_of_them(client: TestClient, scored: Entry) -> None:
    body = client.get(f"/segments/{scored.digest}").json()
    assert body["audio_id"] == scored.digest
    first = body["segments"][0]
    assert (first["start"], first["end"], first["topic"]) == (0.0, 0.9, "Entertainment")
    assert first["transcript"].startswith("The new album") and first["tone"] == "Informative"
    assert first["genz"]["score"] == 3.0 and set(first["genz"]) >= {"opinion", "rationale", "confidence"}


def test_the_summary_has_averages_and_the_right_places(client: TestClient, scored: Entry) -> None:
    body = client.get(f"/summary/{scored.digest}").json()
    assert body["num_segments"] == 2 and set(body["personas"]) == {"genz", "tradies"}
    one = body["personas"]["genz"]
    assert one["avg_score"] == 3.0
    assert one["score_distribution"] == {"1": 0, "2": 0, "3": 2, "4": 0, "5": 0}
    assert [each["index"] for each in one["top_segments"]] == [0, 1]
    assert one["top_segments"][1]["transcript"].startswith("Traffic")


def test_what_was_not_scored_is_no_three(client: TestClient, bench: Workbench, entry: Entry, heard: Any, judge: Any) -> None:  # fmt: skip
    judge.fails = lambda persona: "nobody answers" if persona.id == "tradies" else None
    score_entry(bench.library, entry, personas=["genz", "tradies"])
    one = client.get(f"/summary/{entry.digest}").json()["personas"]["tradies"]
    assert one["avg_score"] is None and sum(one["score_distribution"].values()) == 0
    row = client.get(f"/segments/{entry.digest}").json()["segments"][0]["tradies"]
    assert row["score"] is None and row["note"] == "nobody answers"


@pytest.mark.parametrize("body", [["genz"], {"persona_ids": ["genz"]}])
def test_personas_score_again(client: TestClient, bench: Workbench, entry: Entry, heard: Any, body: Any) -> None:  # fmt: skip
    answer = client.post(f"/re-evaluate/{entry.digest}", json=body)
    told = answer.json()
    (job,) = bench.queue.jobs()
    assert (answer.status_code, told["status"]) == (200, "re-evaluating")
    assert told["job_ids"] == {"genz": job.id} and told["personas_queued"] == ["genz"]


def test_all_personas_score_again(client: TestClient, entry: Entry, heard: Timeline) -> None:
    assert len(client.post(f"/re-evaluate/{entry.digest}").json()["personas_queued"]) > 4


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", f"/segments/{MISSING}", None, 404),
        ("GET", "/segments/x", None, 404),
        ("GET", f"/summary/{MISSING}", None, 404),
        ("GET", f"/status/{MISSING}", None, 404),
        ("GET", f"/audio/{MISSING}", None, 404),
        ("POST", f"/re-evaluate/{MISSING}", ["genz"], 404),
        ("POST", "/evaluate/", None, 415),
        ("GET", "/api/load/none.wav", None, 404),
        ("GET", "/api/load-generated/none.wav", None, 404),
        ("GET", "/api/audio/none.wav", None, 404),
        ("POST", "/api/save", {"filename": "none.wav", "boundaries": []}, 404),
        ("POST", "/api/save", {"filename": "none.wav"}, 422),
        ("POST", "/api/save", [], 400),
    ],
)
def test_errors_are_a_detail(client: TestClient, method: str, path: str, sent: Any, status: int) -> None:
    more = (
        {"json": sent} if sent is not None else {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    )
    answer = client.request(method, path, **({} if method == "GET" else more))
    assert answer.status_code == status and set(answer.json()) == {"detail"}
    assert answer.headers["content-type"] == "application/json"


def test_wrong_personas_are_refused(client: TestClient, entry: Entry, heard: Timeline) -> None:
    for body in (["nobody"], {"personas": ["genz"]}, {"persona_ids": "genz"}, [1], []):
        assert client.post(f"/re-evaluate/{entry.digest}", json=body).status_code == 422, body


def test_what_is_not_analysed_is_not_there(client: TestClient, entry: Entry) -> None:
    for path in ("segments", "summary"):
        answer = client.get(f"/{path}/{entry.digest}")
        assert answer.status_code == 404 and "not been analysed" in answer.json()["detail"]


def test_sound_and_health(client: TestClient, bench: Workbench, entry: Entry) -> None:
    whole = bench.rendition(entry).read_bytes()
    for path in (f"/audio/{entry.digest}", "/api/audio/tone.wav"):
        part = client.get(path, headers={"Range": "bytes=10-19"})
        assert part.status_code == 206 and part.content == whole[10:20]
        assert client.head(path).headers["content-length"] == str(len(whole))
        beyond = client.get(path, headers={"Range": f"bytes={len(whole)}-"})
        assert beyond.status_code == 416 and beyond.headers["content-range"] == f"bytes */{len(whole)}"
    assert client.get("/segments/health").json() == {"status": "ok"}


# --- the annotator -----------------------------------------------------------------------------------


def test_tracks_by_name(client: TestClient, entry: Entry, heard: Timeline) -> None:
    assert client.get("/api/tracks").json() == [
        {"filename": "tone.wav", "path": "tone.wav", "has_reference": False, "has_generated": True}
    ]


def test_a_track_is_loaded_with_its_waveform(client: TestClient, entry: Entry, heard: Timeline) -> None:
    for path in ("load", "load-generated"):
        body = client.get(f"/api/{path}/tone.wav").json()
        assert (body["filename"], body["duration"], body["sample_rate"]) == ("tone.wav", 2.0, 44_100)
        assert body["boundaries"] == [{"time": 0.0, "label": "drop"}] and body["annotation_tier"] == 3
        assert body["bpm"] is None and body["downbeat"] is None, "nothing is made up"
        bands = [body[f"waveform_{name}"] for name in ("bass", "mids", "highs", "times")]
        assert len({len(band) for band in bands}) == 1 and len(bands[0]) > 10
        assert max(bands[1]) > max(bands[0]) and bands[3] == sorted(bands[3]), "440 Hz are no bass"


def test_what_is_saved_is_loaded_and_no_revision_is_lost(
    client: TestClient, bench: Workbench, entry: Entry, heard: Timeline
) -> None:
    boundaries = [{"time": 0.0, "label": "intro"}, {"time": 1.0, "label": "Breakdown-Buildup"}]
    sent = {"filename": "tone.wav", "bpm": 128.0, "downbeat": 0.02, "boundaries": boundaries}
    answer = client.post("/api/save", json=sent)
    assert answer.json() == {"success": True, "output": "revision 1 of annotator", "boundaries_count": 2}
    body = client.get("/api/load/tone.wav").json()
    assert (body["bpm"], body["downbeat"], body["annotation_tier"]) == (128.0, 0.02, 2)
    assert body["boundaries"] == boundaries, "their own words come back"
    assert client.get("/api/load-generated/tone.wav").json()["boundaries"][0]["label"] == "drop"
    assert client.get("/api/tracks").json()[0]["has_reference"] is True
    moved = sent | {"boundaries": [{"time": 0.5, "label": "drop"}], "bpm": None, "downbeat": None}
    assert client.post("/api/save", json=moved).json()["output"] == "revision 2 of annotator"
    history = bench.library.annotations.history(entry.id, "annotator")
    assert [each.number for each in history] == [2, 1]


def test_what_cannot_be_saved_is_refused(client: TestClient, entry: Entry, heard: Timeline) -> None:
    right = {"filename": "tone.wav", "bpm": 128.0, "downbeat": 0.0, "boundaries": []}
    for wrong in (
        {"boundaries": [{"time": 9.0, "label": "drop"}]},
        {"boundaries": [{"time": -1.0, "label": "drop"}]},
        {"boundaries": [{"time": 0.0}]},
        {"bpm": 0},
        {"bpm": "fast"},
        {"downbeat": -1},
        {"colour": "red"},
    ):
        assert client.post("/api/save", json=right | wrong).status_code == 422, wrong


def test_of_two_with_one_name_the_newest_has_it(
    client: TestClient, bench: Workbench, entry: Entry, tmp_path: Path
) -> None:
    import numpy as np
    import soundfile

    (tmp_path / "other").mkdir()
    soundfile.write(tmp_path / "other" / "tone.wav", np.zeros(44_100), 44_100)
    newer = bench.library.add_file(tmp_path / "other" / "tone.wav")
    names = [row["filename"] for row in client.get("/api/tracks").json()]
    assert names == ["tone.wav", entry.digest]
    answers = [client.get(f"/api/audio/{name}").headers["etag"] for name in names]
    assert answers[0].startswith(f'"{newer.digest[:32]}') and answers[1].startswith(f'"{entry.digest[:32]}')
