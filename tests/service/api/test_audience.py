"""The audience over HTTP and in the service: shown, scored again, rated, compared with people, calibrated."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from edm_core.errors import StorageError
from edm_core.items import Passage, Reaction
from edm_core.joining import digest_of
from edm_core.personas import Heard, load_personas
from edm_core.ratings import Rating
from edm_core.service.audience import audience_of, calibrations_of, fit_calibration, panel_of
from edm_core.service.bench import Workbench
from edm_core.service.scoring_job import score_entry
from edm_core.store import Entry
from edm_core.timeline import Layer, Recording, Target, Timeline

EVEN = (0.2,) * 5


@pytest.fixture
def address(entry: Entry) -> str:
    return f"/api/v1/recordings/{entry.digest}"


@pytest.fixture
def scored(bench: Workbench, entry: Entry, heard: Timeline, judge: Any) -> Timeline:
    """Let two personas score it."""
    score_entry(bench.library, entry, personas=["genz", "tradies"])
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    return timeline


def test_reactions_are_told_with_layer_coverage_and_history(
    client: TestClient, address: str, bench: Workbench, entry: Entry, scored: Timeline
) -> None:
    answer = client.get(f"{address}/reactions")
    body = answer.json()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-cache"
    assert body["simulated"] is True and body["standing"] == "uncalibrated"
    assert body["layer"]["source"] == "model:scorings@1" and body["layer"]["revision"] == 1
    assert body["coverage"] == {"genz": "2 of 2", "tradies": "2 of 2"}
    assert [(each["persona"], each["target"]["index"]) for each in body["reactions"]] == [
        ("genz", 0), ("genz", 1), ("tradies", 0), ("tradies", 1),
    ]  # fmt: skip
    assert [(each["number"], each["coverage"]) for each in body["scorings"]] == [(1, "4 of 4")]
    again = replace(scored.reactions[0], score=3.0, distribution=EVEN, opinion="another")
    bench.library.scorings.add(scored.recording, [again], scorer="s@1", personas={again.persona: "v"})
    newest, first = (client.get(f"{address}/reactions{query}").json() for query in ("", "?scoring=1"))
    assert newest["layer"]["revision"] == 2 and newest["coverage"]["genz"] == "1 of 2"
    assert first["reactions"] == body["reactions"]
    assert client.get(f"{address}/reactions", params={"scoring": "9"}).status_code == 404


@pytest.mark.parametrize("path", ["reactions", "summary", "audience.csv", "audience.html", "ratings"])
def test_a_head_is_a_get_without_its_body(
    client: TestClient, address: str, scored: Timeline, path: str
) -> None:
    answer = client.head(f"{address}/{path}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.put(f"{address}/{path}").status_code == 405


@pytest.mark.parametrize("path", ["reactions", "summary", "audience.csv", "audience.html", "agreement"])
def test_before_the_analysis_there_is_nothing_to_tell(client: TestClient, address: str, path: str) -> None:
    answer = client.get(f"{address}/{path}")
    assert answer.status_code == 404 and "not been analysed" in answer.json()["detail"]
    assert client.get(f"/api/v1/recordings/{'0' * 64}/{path}").status_code == 404


def test_an_analysis_without_an_audience_has_an_empty_one(
    client: TestClient, address: str, heard: Timeline
) -> None:
    body = client.get(f"{address}/reactions").json()
    assert (body["layer"], body["reactions"], body["scorings"]) == (None, [], [])
    assert client.get(f"{address}/summary").json()["personas"] == []
    assert client.get(f"{address}/audience.csv").text.count("\n") == 1


def test_scoring_again_is_a_job(client: TestClient, address: str, bench: Workbench, heard: Timeline) -> None:
    assert client.get(f"{address}/scoring").status_code == 404
    asked = {"personas": ["genz", "tradies"], "scorer": "offline", "author": "Ada", "note": "again"}
    answer = client.post(f"{address}/reactions", json=asked)
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["state"], job["personas"]) == ("score", "queued", ["genz", "tradies"])
    assert "settings" not in job and "payload" not in job
    assert client.get(answer.headers["location"]).json() == job
    (queued,) = bench.queue.jobs()
    assert (queued.payload["who"], queued.payload["note"]) == ("ada", "again")
    assert client.post(f"{address}/reactions", json={"personas": ["genz"]}).json()["id"] == job["id"]
    assert client.post(f"{address}/reactions", json={"personas": ["parents"]}).status_code == 409
    assert client.delete(f"{address}/scoring").status_code == 204
    assert client.get(f"{address}/scoring").json()["state"] == "cancelled"
    everybody = client.post(f"{address}/reactions").json()
    assert everybody["personas"] == list(load_personas(settings=bench.settings))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"personas": ["nobody"]}, "'nobody' is no persona"),
        ({"personas": []}, "nobody is asked"),
        ({"personas": "genz"}, "no list"),
        ({"personas": [1]}, "no list"),
        ({"scorer": "oracle"}, "is no scorer"),
        ({"scorer": ["offline"]}, "is no scorer"),
        ({"scorer": "language-model"}, "EDM_LLM_BASE_URL"),
        ({"scorer": "langflow"}, "EDM_LANGFLOW"),
        ({"author": "../ada"}, "no name"),
        ({"note": 3}, "note"),
        ({"persona": "genz"}, "not understood"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is_queued(
    client: TestClient, address: str, bench: Workbench, heard: Timeline, body: dict[str, Any], says: str
) -> None:
    answer = client.post(f"{address}/reactions", json=body)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"] and bench.queue.jobs() == ()


def test_nobody_scores_what_is_not_analysed(client: TestClient, address: str) -> None:
    assert client.post(f"{address}/reactions", json={"personas": ["genz"]}).status_code == 409


def test_another_sites_page_neither_scores_nor_rates_nor_stops(
    client: TestClient, address: str, bench: Workbench, scored: Timeline
) -> None:
    headers = {"Origin": "http://elsewhere.example"}
    given = {"rater": "ada", "kind": "passage", "index": 0, "score": 4}
    assert client.post(f"{address}/reactions", json={}, headers=headers).status_code == 403
    assert client.post(f"{address}/ratings", json=given, headers=headers).status_code == 403
    assert client.delete(f"{address}/scoring", headers=headers).status_code == 403
    assert client.post(f"{address}/ratings", content=b"x=1").status_code == 415
    assert bench.queue.jobs() == () == bench.library.ratings.all()


# --- what it adds up to ------------------------------------------------------------------------------


def test_the_summary_as_values_and_as_a_table(client: TestClient, address: str, scored: Timeline) -> None:
    summary = client.get(f"{address}/summary").json()
    assert summary["simulated"] is True and summary["coverage"] == "4 of 4"
    assert [row["id"] for row in summary["personas"]] == ["genz", "tradies"]
    answer = client.get(f"{address}/audience.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["persona"], row["index"]) for row in rows] == [
        ("genz", "0"), ("genz", "1"), ("tradies", "0"), ("tradies", "1"),
    ]  # fmt: skip


def test_the_report_is_one_page(client: TestClient, address: str, scored: Timeline) -> None:
    answer = client.get(f"{address}/audience.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "content-disposition" not in answer.headers
    assert "imulated audience" in answer.text and "uncalibrated" in answer.text
    assert "<script" not in answer.text and "http-equiv" not in answer.text
    kept = client.get(f"{address}/audience.html", params={"download": "1"})
    assert "audience.html" in kept.headers["content-disposition"]


# --- what people say ---------------------------------------------------------------------------------


def test_a_rating_is_posted_as_the_page_does(
    client: TestClient, address: str, entry: Entry, heard: Timeline
) -> None:
    passage = heard.passages[0]
    given = {
        "rater": "Ada", "kind": "passage", "start": passage.start, "end": passage.end, "heard": digest_of(passage),
    }  # fmt: skip
    answer = client.post(f"{address}/ratings", json={**given, "score": 4})
    assert answer.status_code == 201 and answer.json()["added"] == 1
    (kept,) = client.get(f"{address}/ratings").json()["ratings"]
    assert kept == answer.json()["ratings"][0]
    assert (kept["rater"], kept["score"], kept["recording"]) == ("ada", 4, entry.id)
    again = client.post(f"{address}/ratings", json={**given, "score": 4})
    assert (again.status_code, again.json()) == (200, {"added": 0, "ratings": []})
    assert client.post(f"{address}/ratings", json={**given, "score": None}).status_code == 201
    assert client.get(f"{address}/ratings").json() == {"ratings": []}
    past = client.get(f"{address}/ratings", params={"history": "1"}).json()["ratings"]
    assert [each["score"] for each in past] == [4, None]


def test_many_are_posted_at_once_by_place(
    client: TestClient, address: str, bench: Workbench, heard: Timeline
) -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "passage", "index": 0, "score": 5, "note": "yes!"},
        {"kind": "passage", "index": 1, "score": 2, "persona": "genz", "time": "2026-01-01T00:00:00Z"},
        {"kind": "section", "index": 0, "score": 3, "rater": "Ben"},
    ]
    answer = client.post(f"{address}/ratings", params={"author": "ada"}, json={"ratings": rows})
    assert answer.status_code == 201 and answer.json()["added"] == 3
    kept = bench.library.ratings.history(heard.recording.id)
    assert [(each.rater, each.persona, each.score) for each in kept] == [
        ("ada", "", 5), ("ada", "genz", 2), ("ben", "", 3),
    ]  # fmt: skip
    assert kept[1].heard == digest_of(heard.passages[1]) and kept[1].start == heard.passages[1].start
    table = client.get(f"{address}/ratings.csv").text
    assert table.startswith("recording,kind,") and table.count("\n") == 4


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"score": 6}, "score of 6"),
        ({"score": "4"}, "score"),
        ({"score": 4.5}, "score"),
        ({"score": True}, "score"),
        ({"kind": "beat"}, "beat"),
        ({"kind": ["passage"]}, "index 0"),
        ({"kind": {}}, "index 0"),
        ({"index": 7}, "index 7"),
        ({"index": "0"}, "index"),
        ({"index": True}, "index"),
        ({"persona": "nobody"}, "no persona"),
        ({"stars": 4}, "stars"),
        ({"note": "n" * 3000}, "note"),
        ({"time": "soon"}, "no time"),
        ({"rater": "a/b"}, "no name"),
        ({"rater": ""}, "who rates"),
        ({"rater": 7}, "who rates"),
    ],
)
def test_a_rating_that_is_wrong_keeps_all_out(
    client: TestClient, address: str, bench: Workbench, heard: Timeline, row: dict[str, Any], says: str
) -> None:
    right = {"rater": "ada", "kind": "passage", "index": 0, "score": 4}
    answer = client.post(f"{address}/ratings", json={"ratings": [right, right | row]})
    assert answer.status_code == 422 and says in answer.json()["detail"]
    assert bench.library.ratings.all() == ()


def test_ratings_that_are_none(client: TestClient, address: str, heard: Timeline) -> None:
    right = {"rater": "ada", "kind": "passage", "index": 0}
    for body in (right, {"ratings": 3}, {"ratings": [3]}, {"ratings": [], "x": 1}, {}):
        assert client.post(f"{address}/ratings", json=body).status_code == 422
    outside = right | {"score": 4, "start": 5.0, "end": 4.0}
    del outside["index"]
    assert client.post(f"{address}/ratings", json=outside).status_code == 422
    assert client.post(f"{address}/ratings", json={"ratings": [{}] * 20_001}).status_code == 413


def test_a_store_that_is_busy_says_come_again(
    client: TestClient, address: str, bench: Workbench, heard: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("too many want the database at once")

    monkeypatch.setattr(bench.library.ratings, "add", refuse)
    given = {"rater": "ada", "kind": "passage", "index": 0, "score": 4}
    assert client.post(f"{address}/ratings", json=given).status_code == 503


def test_agreement_with_people(client: TestClient, address: str, bench: Workbench, scored: Timeline) -> None:
    assert client.get(f"{address}/agreement").json()["ratings"] == 0
    for name in ("ada", "ben"):
        rows = [{"kind": "passage", "index": index, "score": 4 - index} for index in (0, 1)]
        client.post(f"{address}/ratings", json={"rater": name, "ratings": rows})
    body = client.get(f"{address}/agreement").json()
    assert (body["ratings"], body["raters"], body["unmatched"]) == (4, ["ada", "ben"], [])
    assert {row["relation"] for row in body["rows"]} == {
        "person–persona", "persona–persona", "person–person",
    }  # fmt: skip
    assert all(row["value"] is not None or row["reason"] for row in body["rows"])


def test_people_are_compared_over_all_recordings_that_are_still_there(
    bench: Workbench, entry: Entry, scored: Timeline
) -> None:
    about = {"kind": "passage", "start": 0.0, "end": 0.9, "rater": "ada", "score": 4}
    for id in (entry.id, "sha256:" + "0" * 64):
        bench.library.ratings.rate(Rating(recording=id, **about))  # type: ignore[arg-type]
    found = panel_of(bench.library)
    assert found.raters == ("ada",) and [each.recording for each in found.unmatched] == ["sha256:" + "0" * 64]


# --- personas ----------------------------------------------------------------------------------------


def test_personas_are_listed_shown_and_remembered(client: TestClient, bench: Workbench) -> None:
    from edm_core.personas.folder import Folder

    listed = client.get("/api/v1/personas").json()
    assert {each["id"] for each in listed["personas"]} >= {"genz", "club_dj"} and listed["problems"] == []
    before = client.get("/api/v1/personas/genz").json()
    assert before["origin"] == "packaged" and before["likes"]["topics"]
    folder = Folder.of(bench.settings)
    saved = folder.save(folder.edition("genz").text.replace("name: Gen Z", "name: Zed"))
    after = client.get("/api/v1/personas/genz").json()
    assert (after["name"], after["origin"], after["version"]) == ("Zed", "edited", saved.version)
    assert {each["version"] for each in after["versions"]} == {saved.version, before["version"]}
    old = client.get(f"/api/v1/personas/genz/versions/{before['version']}").json()
    assert old["name"] == "Gen Z"
    for path in ("nobody", "genz/versions/000000000000", "..%2Fgenz/versions/1"):
        assert client.get(f"/api/v1/personas/{path}").status_code == 404


def test_a_persona_file_that_is_wrong_is_told_of(client: TestClient, bench: Workbench) -> None:
    own = bench.settings.data_dir / "personas"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("id: mine\nname: [")
    listed = client.get("/api/v1/personas").json()
    assert len(listed["problems"]) == 1 and "genz" in {each["id"] for each in listed["personas"]}


# --- calibration -------------------------------------------------------------------------------------


@pytest.fixture
def rated(bench: Workbench, entry: Entry) -> Timeline:
    """Sixty passages, scored by an offline persona that says 2 or 4, rated by people who say 1 or 3."""
    passages = tuple(Passage(2.0 * i, 2.0 * i + 1.9, text=f"part {i}") for i in range(60))
    persona = load_personas()["genz"]
    high, low = (0.0, 0.1, 0.2, 0.3, 0.4), (0.4, 0.3, 0.2, 0.1, 0.0)
    reactions = tuple(
        Heard(Target("passage", i), passage).reaction(
            persona, "offline@2", score=4.0 if i % 2 else 2.0, distribution=high if i % 2 else low
        )
        for i, passage in enumerate(passages)
    )
    timeline = Timeline(
        Recording(entry.id, 120.0, 44_100, 1),
        (
            Layer("passages", "model:content@1", passages),
            Layer("reactions", "model:personas@2", reactions, time="2026-01-01T00:00:00Z"),
        ),
    )
    bench.library.save_timeline(timeline)
    bench.library.ratings.add(
        Rating(
            recording=entry.id, kind="passage", start=each.start, end=each.end, rater="ada",
            heard=digest_of(each), score=3 if i % 2 else 1,
        )
        for i, each in enumerate(passages)
    )  # fmt: skip
    return timeline


def scores(reactions: tuple[Reaction, ...]) -> set[float | None]:
    return {each.score for each in reactions}


def test_a_calibration_is_applied_when_shown_and_can_be_taken_back(
    client: TestClient, address: str, bench: Workbench, entry: Entry, rated: Timeline
) -> None:
    library = bench.library
    assert audience_of(library, entry).standing == "uncalibrated"
    made = fit_calibration(library, who="ada")
    assert made.scorer == "offline@2" and library.calibrations.history()[0].who == "ada"
    shown = audience_of(library, entry)
    assert shown.standing == "calibrated on 60 ratings of 1 person"
    assert all(each.calibrated and (each.score or 5) < 3.5 for each in shown.reactions)
    assert client.get(f"{address}/reactions").json()["standing"] == shown.standing
    stored = library.timeline(entry.id)
    assert stored is not None and scores(stored.reactions) == {2.0, 4.0}, "what is kept stays raw"
    # People are compared with what was said before they were asked.
    assert panel_of(library).pairs == panel_of(library, [entry]).pairs
    library.calibrations.add("offline@2", None)
    assert audience_of(library, entry).standing == "uncalibrated"


def test_a_calibration_of_another_scorer_or_none_that_can_be_read_changes_nothing(
    bench: Workbench, entry: Entry, rated: Timeline
) -> None:
    library = bench.library
    library.calibrations.add("language-model@1", {"schema": 1})
    assert calibrations_of(library, rated.reactions) == {}
    library.calibrations.add("offline@2", {"schema": 99})
    shown = audience_of(library, entry)
    assert shown.standing == "uncalibrated" and scores(shown.reactions) == {2.0, 4.0}


def test_too_few_ratings_are_said(bench: Workbench, entry: Entry, scored: Timeline) -> None:
    from edm_core.personas.calibration import CalibrationError

    with pytest.raises(CalibrationError, match="30 are needed"):
        fit_calibration(bench.library)
    assert bench.library.calibrations.history() == ()
