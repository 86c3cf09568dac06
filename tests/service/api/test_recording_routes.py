"""The library over HTTP: pages of it, uploads, tags, removing and erasing."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry

BASE = "/api/v1/recordings"


def send(client: TestClient, wav: Path, name: str = "tone.wav", **more: Any) -> Any:
    return client.post(BASE, files={"file": (name, wav.read_bytes(), "audio/wav")}, **more)


def test_an_upload_is_an_entry_and_a_job(client: TestClient, bench: Workbench, wav: Path) -> None:
    answer = send(client, wav, "../../evil\\night.wav")
    assert answer.status_code == 202
    body = answer.json()
    assert body["recording"]["name"] == "night.wav" and body["recording"]["status"] == "queued"
    assert (body["job"]["kind"], body["job"]["state"]) == ("analyze", "queued")
    assert client.get(answer.headers["location"]).json()["id"] == body["recording"]["id"]
    assert client.get(f"/api/v1/jobs/{body['job']['id']}").json() == body["job"]
    again = send(client, wav)
    assert again.json()["recording"]["id"] == body["recording"]["id"]
    assert again.json()["job"]["id"] == body["job"]["id"], "the same bytes are analysed once"
    assert list(bench.library.incoming.iterdir()) == []


def test_a_body_can_be_the_file(client: TestClient, wav: Path) -> None:
    headers = {"Content-Type": "audio/wav"}
    answer = client.post(f"{BASE}?name=raw.wav", content=wav.read_bytes(), headers=headers)
    assert answer.status_code == 202 and answer.json()["recording"]["name"] == "raw.wav"


@pytest.mark.parametrize(
    ("sending", "status"),
    [
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"files": {"other": ("a.wav", b"x")}}, 422),
        ({"files": {"file": ("a.wav", b"")}}, 422),
        ({"files": {"file": ("a.wav", b"this is no sound")}}, 422),
        ({"content": b"not a form", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"", "headers": {"Content-Type": "audio/wav"}}, 422),
    ],
)
def test_what_is_no_sound_is_refused_and_leaves_nothing(
    client: TestClient, bench: Workbench, sending: dict[str, Any], status: int
) -> None:
    answer = client.post(BASE, **sending)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"] and str(bench.settings.data_dir) not in answer.text
    assert bench.library.list() == () and bench.queue.jobs() == ()
    assert not bench.library.incoming.exists() or list(bench.library.incoming.iterdir()) == []


def test_too_much_is_too_much(client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(bench.settings), "max_bytes", property(lambda _: 100))
    answer = client.post(BASE, files={"file": ("a.wav", b"RIFF" * 100, "audio/wav")})
    assert answer.status_code == 413 and bench.library.list() == ()


def test_more_than_ones_share_is_refused(tmp_path: Path, client: TestClient, wav: Path) -> None:
    from edm_core.service import open_workbench

    open_workbench(Settings(data_dir=tmp_path / "small", quota_mb=1))
    big = tmp_path / "big.wav"
    big.write_bytes(_sound(1_500_000))
    answer = send(client, big)
    assert answer.status_code == 507 and answer.json()["remedy"]
    assert send(client, wav).status_code == 202


def _sound(size: int) -> bytes:
    import io

    import numpy as np
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.zeros(size // 2, np.int16), 44_100, format="WAV")
    return file.getvalue()


@pytest.fixture
def three(bench: Workbench, tmp_path: Path) -> list[Entry]:
    """Add three recordings, the oldest first."""
    found = []
    for index, name in enumerate(("alpha", "beta", "gamma")):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(_sound(10_000 + 2 * index))
        found.append(bench.library.add_file(path))
    return found


def test_the_library_is_read_page_by_page(client: TestClient, three: list[Entry]) -> None:
    first = client.get(BASE, params={"limit": 2, "search": "wav"})
    body = first.json()
    assert [each["name"] for each in body["recordings"]] == ["gamma.wav", "beta.wav"]
    assert (body["total"], body["limit"], body["offset"]) == (3, 2, 0)
    assert first.links["next"]["url"] == f"{BASE}?search=wav&limit=2&offset=2" and "prev" not in first.links
    second = client.get(first.links["next"]["url"])
    assert [each["name"] for each in second.json()["recordings"]] == ["alpha.wav"]
    assert "next" not in second.links
    assert client.get(second.links["prev"]["url"]).json() == body
    upward = client.get(BASE, params={"sort": "title", "order": "ascending"}).json()["recordings"]
    assert [each["name"] for each in upward] == ["alpha.wav", "beta.wav", "gamma.wav"]
    assert client.get(BASE, params={"status": "done"}).json()["total"] == 0
    assert client.get(BASE, params={"bpm_from": 100, "duration_to": 9, "key": "8a"}).json()["total"] == 0
    assert client.get(BASE, params={"offset": 5}).json()["recordings"] == []
    for wrong in ({"limit": 0}, {"limit": 501}, {"offset": -1}, {"sort": "size"}, {"status": "x"},
                  {"key": "13A"}, {"bpm_from": "nan"}, {"tag": ","}):  # fmt: skip
        assert client.get(BASE, params=wrong).status_code == 422, wrong


def test_tags_are_set_added_and_removed(client: TestClient, three: list[Entry]) -> None:
    address = f"{BASE}/{three[0].digest}"
    assert client.patch(address, json={"tags": ["Warm  Up", "demo"]}).json()["tags"] == ["demo", "warm up"]
    assert client.patch(address, json={"add": ["peak"], "remove": ["demo"]}).json()["tags"] == [
        "peak",
        "warm up",
    ]
    assert client.patch(address, json={"tags": ["peak"]}).json()["tags"] == ["peak"]
    client.patch(f"{BASE}/{three[1].digest}", json={"add": ["peak", "other"]})
    assert client.get("/api/v1/tags").json() == {"tags": {"other": 1, "peak": 2}}
    assert client.get(BASE, params={"tag": "peak"}).json()["total"] == 2
    assert client.get(BASE, params={"tag": ["peak", "Other"]}).json()["total"] == 1
    assert client.patch(address, json={"tags": []}).json()["tags"] == []
    for wrong in ({"add": [""]}, {"tags": "peak"}, {"add": ["a,b"]}, {"add": ["x" * 81]}, {"add": [1]}):
        assert client.patch(address, json=wrong).status_code == 422, wrong
    assert client.patch(f"{BASE}/{'0' * 64}", json={"add": ["a"]}).status_code == 404


def test_a_recording_is_removed_and_its_annotations_stay(
    client: TestClient, bench: Workbench, entry: Entry
) -> None:
    annotation = {"sections": [{"start": 0.0, "end": 2.0, "label": "drop"}]}
    address = f"{BASE}/{entry.digest}"
    client.put(
        f"{address}/annotations?author=ada", json={"annotation": annotation}, headers={"If-None-Match": "*"}
    )
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404 and client.delete(address).status_code == 404
    assert bench.library.annotations.lines(entry.id)


def test_a_recording_is_erased_with_everything_and_a_reason(
    client: TestClient, bench: Workbench, entry: Entry
) -> None:
    address = f"{BASE}/{entry.digest}"
    annotation = {"sections": [{"start": 0.0, "end": 2.0, "label": "drop"}]}
    client.put(
        f"{address}/annotations?author=ada", json={"annotation": annotation}, headers={"If-None-Match": "*"}
    )
    assert client.delete(address, params={"erase": "true"}).status_code == 422
    answer = client.delete(address, params={"erase": "true", "reason": "consent was taken back"})
    assert answer.status_code == 200 and answer.json()["id"] == entry.id
    assert answer.json()["counts"]["revisions"] == 1
    assert bench.library.annotations.lines(entry.id) == () and client.get(address).status_code == 404
