"""Scoring again as a job: kept whole, kept once, and only if there is something to keep."""

from __future__ import annotations

from typing import Any

import pytest

from edm_core.errors import Cancelled, ModelError, SettingsError, TimelineError
from edm_core.resources import PERSONAS
from edm_core.service.bench import SCORE, Busy, Workbench
from edm_core.service.scoring_job import run, score_entry, scoring_payload
from edm_core.store import Entry
from edm_core.timeline import Timeline


def test_a_scoring_is_kept_and_the_timeline_shows_it(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any
) -> None:
    steps: list[tuple[Any, ...]] = []
    scoring = score_entry(
        bench.library, entry, personas=["genz", "tradies"], who="Ada", note="new prompt",
        progress=lambda *step: steps.append(step),
    )  # fmt: skip
    assert (scoring.number, scoring.scorer, scoring.who, scoring.note) == (1, "judge@1", "ada", "new prompt")
    assert list(scoring.personas) == ["genz", "tradies"] and scoring.coverage == "4 of 4"
    assert steps[0][1] == 0.0 and steps[-1][1] == 1.0
    assert {stage for stage, _, _ in steps} == {"personas"}
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    assert [(one.persona, one.target.index) for one in timeline.reactions] == [
        ("genz", 0), ("tradies", 0), ("genz", 1), ("tradies", 1),
    ]  # fmt: skip
    assert all(one.time and one.heard and one.persona_version for one in timeline.reactions)


def test_without_names_everybody_who_is_not_retired_is_asked(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any
) -> None:
    own = bench.settings.data_dir / "personas"
    own.mkdir(parents=True)
    text = (PERSONAS / "genz.yaml").read_text()
    (own / "genz.yaml").write_text(text + "\nretired: true\n")
    scoring = score_entry(bench.library, entry)
    assert "tradies" in scoring.personas and "genz" not in scoring.personas
    with pytest.raises(SettingsError, match="retired"):
        score_entry(bench.library, entry, personas=["genz"])


def test_what_nobody_can_be_asked_says_so(bench: Workbench, entry: Entry, judge: Any) -> None:
    with pytest.raises(TimelineError, match="not been analysed"):
        score_entry(bench.library, entry)


@pytest.mark.parametrize("names", [["nobody"], []])
def test_personas_that_are_not_there(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any, names: list[str]
) -> None:
    with pytest.raises(SettingsError, match="personas"):
        score_entry(bench.library, entry, personas=names)
    assert bench.library.scorings.history(entry.id) == ()


def test_a_server_that_answers_nothing_takes_no_score_away(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any
) -> None:
    score_entry(bench.library, entry, personas=["genz"])
    judge.fails = lambda persona: "the server is down"
    with pytest.raises(ModelError, match="the server is down"):
        score_entry(bench.library, entry, personas=["genz"])
    assert len(bench.library.scorings.history(entry.id)) == 1


def test_one_that_fails_in_part_is_kept_with_its_reasons(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any
) -> None:
    judge.fails = lambda persona: "no answer" if persona.id == "genz" else None
    scoring = score_entry(bench.library, entry, personas=["genz", "tradies"])
    assert scoring.coverage == "2 of 4"
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    assert {one.note for one in timeline.reactions if one.persona == "genz"} == {"no answer"}


def test_one_that_is_stopped_leaves_the_scores_as_they_were(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any
) -> None:
    def stop(stage: str, share: float, remaining: float | None) -> None:
        if share > 0:
            raise Cancelled("it was stopped")

    with pytest.raises(Cancelled):
        score_entry(bench.library, entry, personas=["genz", "tradies"], progress=stop)
    assert bench.library.scorings.history(entry.id) == ()


def test_a_job_that_is_done_twice_is_kept_once(
    bench: Workbench, entry: Entry, heard: Timeline, judge: Any, environment: None
) -> None:
    """As after a crash between keeping the scores and noting that the job is done."""
    payload = scoring_payload(entry, ["genz"], "offline")
    for _ in range(2):
        run(payload, lambda *step: None)
    assert len(bench.library.scorings.history(entry.id)) == 1
    run(scoring_payload(entry, ["genz"], "offline"), lambda *step: None)
    assert len(bench.library.scorings.history(entry.id)) == 2
    bench.library.remove(entry.id)
    run(payload, lambda *step: None)  # removed while it waited


def test_one_job_a_recording_and_scorer(bench: Workbench, entry: Entry, heard: Timeline) -> None:
    first = bench.score(entry, ["genz", "tradies"])
    assert bench.score(entry, ["genz"]).id == first.id == bench.scoring(entry).id
    with pytest.raises(Busy, match=r"being scored by genz, tradies.*wait"):
        bench.score(entry, ["genz", "parents"])
    other = bench.score(entry, ["parents"], "language-model")
    assert other.id != first.id and bench.scoring(entry, "offline").id == first.id
    assert bench.library.get(entry.id).status == "done"  # that is of the analysis
    bench.stop_scoring(entry)
    assert {job.state for job in bench.queue.jobs()} == {"cancelled"}
    assert bench.score(entry, ["parents"]).id != first.id
    bench.remove(entry)
    assert all(job.is_finished for job in bench.queue.jobs())


def test_a_worker_scores_offline(bench: Workbench, entry: Entry, heard: Timeline) -> None:
    bench.queue.start()
    try:
        job = bench.queue.wait(bench.score(entry, ["genz", "club_dj"], who="ada").id, 120)
    finally:
        bench.close()
    assert (job.kind, job.state, job.message) == (SCORE, "done", None)
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    said = [(one.persona, one.target.kind, one.target.index) for one in timeline.reactions]
    assert sorted(said) == [
        ("club_dj", "passage", 0), ("club_dj", "passage", 1), ("club_dj", "section", 0),
        ("genz", "passage", 0), ("genz", "passage", 1),
    ]  # fmt: skip
    assert all(one.scorer.startswith("offline@") for one in timeline.reactions)
    assert bench.library.scorings.history(entry.id)[0].who == "ada"
