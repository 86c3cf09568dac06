"""The HTTP contract: what is served, in parts and whole, and what is not."""

import json
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from edm_core.service.bench import Workbench
from edm_core.store import Entry
from edm_core.timeline import Layer, Recording, Section, Timeline


def address(entry: Entry, what: str) -> str:
    return f"/api/v1/recordings/{entry.digest}/{what}"


def test_health(client: TestClient) -> None:
    assert client.get("/api/v1/health").json() == {"status": "ok"}


def test_the_list_can_be_searched(client: TestClient, entry: Entry) -> None:
    (recording,) = client.get("/api/v1/recordings").json()["recordings"]
    assert recording["id"] == entry.id and recording["name"] == "tone.wav" and recording["status"] == "queued"
    assert client.get("/api/v1/recordings", params={"search": "tone"}).json()["recordings"]
    assert not client.get("/api/v1/recordings", params={"search": "other"}).json()["recordings"]
    assert "path" not in recording


def test_sound_is_served_whole_and_in_parts(client: TestClient, bench: Workbench, entry: Entry) -> None:
    whole = client.get(address(entry, "audio"))
    data = bench.rendition(entry).read_bytes()
    assert whole.status_code == 200 and whole.content == data
    assert whole.headers["content-type"].startswith("audio/") and whole.headers["accept-ranges"] == "bytes"
    etag = whole.headers["etag"]
    part = client.get(address(entry, "audio"), headers={"Range": "bytes=100-199", "If-Range": etag})
    assert part.status_code == 206 and part.content == data[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(data)}"
    stale = client.get(address(entry, "audio"), headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert stale.status_code == 200 and len(stale.content) == len(data)
    beyond = client.get(address(entry, "audio"), headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416 and beyond.headers["content-range"] == f"bytes */{len(data)}"
    assert beyond.headers["content-type"] == "application/problem+json"
    assert client.get(address(entry, "audio"), headers={"If-None-Match": etag}).status_code == 304
    head = client.head(address(entry, "audio"))
    assert head.headers["content-length"] == str(len(data)) and not head.content


def test_the_id_may_carry_its_kind(client: TestClient, entry: Entry) -> None:
    assert client.get(f"/api/v1/recordings/{entry.id}/audio").status_code == 200


def test_peaks_are_the_bytes_of_a_level(client: TestClient, bench: Workbench, entry: Entry) -> None:
    peaks = bench.sound(entry).peaks
    answer = client.get(address(entry, "peaks/0"))
    assert np.array_equal(np.frombuffer(answer.content, np.int8).reshape(-1, 8), peaks.level(0))
    assert "immutable" in answer.headers["cache-control"]
    part = client.get(address(entry, "peaks/0"), headers={"Range": "bytes=8-23"})
    assert part.status_code == 206 and part.content == answer.content[8:24]


@pytest.mark.parametrize("level", ["99", "-1", "x", "0x0", "²", "1e3"])
def test_there_is_no_other_level(client: TestClient, entry: Entry, level: str) -> None:
    answer = client.get(address(entry, f"peaks/{level}"))
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


def test_a_timeline_is_served_once_there_is_one(client: TestClient, bench: Workbench, entry: Entry) -> None:
    missing = client.get(address(entry, "timeline"))
    assert missing.status_code == 404 and "not been analysed" in missing.json()["detail"]
    recording = Recording(entry.id, duration=2.0, sample_rate=44_100, channels=1)
    timeline = Timeline(recording, (Layer("sections", "model:s@1", (Section(0.0, 2.0, "drop"),)),))
    bench.library.save_timeline(timeline)
    answer = client.get(address(entry, "timeline"))
    shown = replace(timeline, recording=replace(recording, path="tone.wav"))
    assert Timeline.from_json(answer.text) == shown  # where the file lies stays here
    again = client.get(address(entry, "timeline"), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "recordings/" + "0" * 64 + "/audio",
        "recordings/..%2f..%2f..%2fetc%2fpasswd/audio",
        "recordings/../../../../etc/passwd",
        "recordings/%2e%2e/timeline",
        "recordings//audio",
        "recordings/sha256:/peaks/0",
        "nothing",
    ],
)
def test_everything_else_is_not_found(client: TestClient, entry: Entry, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    if "/../" not in path:  # the client resolves those itself and leaves the API
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_prefix_is_no_id(client: TestClient, entry: Entry) -> None:
    assert client.get(f"/api/v1/recordings/{entry.digest[:12]}/audio").status_code == 404


def test_a_file_that_has_gone_is_a_problem_without_its_path(
    client: TestClient, entry: Entry, wav, bench: Workbench
) -> None:
    wav.unlink()
    answer = client.get(address(entry, "audio"))
    assert answer.status_code == 422 and answer.json()["remedy"]
    assert str(wav.parent) not in json.dumps(answer.json())


def test_a_file_that_has_changed_is_not_served_under_the_old_id(
    client: TestClient, entry: Entry, wav
) -> None:
    import soundfile

    soundfile.write(wav, np.zeros(44_100), 44_100)
    assert client.get(address(entry, "audio")).status_code == 422


def test_every_get_knows_head_and_every_address_says_what_can_be_done(
    client: TestClient, entry: Entry
) -> None:
    base = f"/api/v1/recordings/{entry.digest}"
    listed = client.get(base)
    head = client.head(base)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(listed.content))
    options = client.options(f"{base}/annotations")
    assert options.status_code == 204 and options.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    wrong = client.post(f"{base}/annotations", json={})
    assert wrong.status_code == 405 and wrong.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert wrong.json()["detail"] and wrong.headers["content-type"] == "application/problem+json"
    assert client.options("/api/v1/nothing").status_code == 404
    assert client.get("/api/v1/recordings/").status_code == 404


def test_a_timeline_is_compressed_for_who_understands_it(
    client: TestClient, bench: Workbench, entry: Entry
) -> None:
    sections = tuple(Section(i / 100, (i + 1) / 100, "drop") for i in range(200))
    layer = Layer("sections", "model:s@1", sections)
    bench.library.save_timeline(Timeline(Recording(entry.id, 2.0, 44_100, 1), (layer,)))
    plain = client.get(address(entry, "timeline"), headers={"Accept-Encoding": "identity"})
    packed = client.get(address(entry, "timeline"), headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content and packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    for answer, coding in ((plain, "identity"), (packed, "gzip")):
        assert answer.headers["vary"] == "Accept-Encoding"
        known = {"If-None-Match": f'"other", W/{answer.headers["etag"]}', "Accept-Encoding": coding}
        assert client.get(address(entry, "timeline"), headers=known).status_code == 304
    refused = client.get(address(entry, "timeline"), headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_addresses_and_bodies_with_what_no_text_has_are_refused(client: TestClient, entry: Entry) -> None:
    for path in (
        "recordings?search=%00",
        f"recordings/{entry.digest}/annotations?author=a%00",
        "personas/%00",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 422 and "NUL" in answer.json()["detail"]
    for body in (b'{"tags": ["a\\u0000"]}', b'{"tags": ["\\\\\\u0000"]}'):
        answer = client.patch(
            f"/api/v1/recordings/{entry.digest}", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"tags": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"tags": NaN}',
        b'{"tags": [1e999]}',
        b'{"tags": [' + b"9" * 5000 + b"]}",
        b'{"tags": ["\\ud800"]}',
        b"\xff\xfe",
        b"null",
        b'"text"',
    ],
)
def test_what_is_sent_never_breaks_the_server(client: TestClient, entry: Entry, body: bytes) -> None:
    for method, path in (
        ("PATCH", ""), ("PUT", "/annotations"), ("POST", "/ratings"), ("POST", "/reactions"), ("PUT", "/annotations/draft"),
    ):  # fmt: skip
        headers = {"Content-Type": "application/json", "If-None-Match": "*"}
        address = f"/api/v1/recordings/{entry.digest}{path}?author=ada"
        answer = client.request(method, address, content=body, headers=headers)
        assert answer.status_code in (400, 409, 422), (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_breaks_its_schema_is_told_by_place(client: TestClient, entry: Entry) -> None:
    answer = client.patch(f"/api/v1/recordings/{entry.digest}", json={"tags": ["a", 3], "colour": "red"})
    assert answer.status_code == 422
    places = {error["place"] for error in answer.json()["errors"]}
    assert places == {"body.tags[1]", "body.colour"}
    query = client.get("/api/v1/recordings", params={"limit": "many"})
    assert query.json()["errors"][0]["place"] == "query.limit"


def test_models_say_their_versions_and_checksums(client: TestClient) -> None:
    facts = client.get("/api/v1/model/info").json()
    assert {"beats", "sections", "words", "content", "personas"} <= set(facts["stages"])
    sums = [file["sha256"] for model in facts["models"] for file in model["files"]]
    assert sums and all(len(each) == 64 for each in sums)


def test_readiness_and_figures(client: TestClient, bench: Workbench) -> None:
    answer = client.get("/api/v1/ready")
    found = {check["name"]: check for check in answer.json()["checks"]}
    assert found["database"]["ok"] and answer.status_code in (200, 503)
    assert answer.json()["ready"] == (answer.status_code == 200) == all(each["ok"] for each in found.values())
    figures = client.get("/api/v1/metrics")
    assert figures.status_code == 200 and "edm_" in figures.text
