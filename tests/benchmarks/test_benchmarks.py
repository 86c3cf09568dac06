"""What every part of the benchmark says is so: words, time, memory, batches, and the report itself."""

from __future__ import annotations

import doctest
import importlib
import io
import json
import pkgutil
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmarks
from benchmarks import material, measure, progress, speech, speed, throughput, timed
from benchmarks.measure import Cost, Runs
from benchmarks.peers import Environment, Peer, PeerMissing
from benchmarks.report import in_order, put_section

WORDS = st.lists(st.sampled_from(["drop", "kick", "bass", "snare"]), max_size=12)
MODULES = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.ispkg and m.name != "__main__"]


def runs(*seconds: float, memory: int = 10**8, output: str = "") -> Runs:
    return Runs(tuple(Cost(s, s, memory, output or f"{s / 2}") for s in seconds))


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"benchmarks.{name}")).failed == 0


@given(WORDS, WORDS, WORDS)
def test_edit_distance_is_a_metric(a: list[str], b: list[str], c: list[str]) -> None:
    assert speech.edit_distance(a, b) == speech.edit_distance(b, a)
    assert (speech.edit_distance(a, b) == 0) == (a == b)
    assert speech.edit_distance(a, c) <= speech.edit_distance(a, b) + speech.edit_distance(b, c)
    assert abs(len(a) - len(b)) <= speech.edit_distance(a, b) <= max(len(a), len(b))


def test_speech_score_leaves_short_pauses_out() -> None:
    truth = {
        "duration": 20.0,
        "segments": [
            {"type": "speech", "start": 2.0, "end": 4.0},
            {"type": "speech", "start": 4.5, "end": 6.0},
            {"type": "music", "start": 8.0, "end": 20.0},
        ],
        "transcript": "Turn it up, please.",
    }
    document = {
        "activity": [
            {"start": 0.0, "end": 3.0, "label": "music"},
            {"start": 3.0, "end": 9.0, "label": "speech+music"},
            {"start": 9.0, "end": 20.0, "label": "music"},
        ],
        "words": [{"text": "turn"}, {"text": "it"}, {"text": "down"}, {"text": "please"}],
    }
    heard = speech.score(truth, document)
    assert heard.spoken == pytest.approx(3.5)
    assert heard.found == pytest.approx(2.5)
    assert heard.other == pytest.approx(16.0)
    assert heard.false == pytest.approx(3.0)
    assert (heard.errors, heard.words) == (1, 4)


def test_speech_section_names_items_without_a_result(tmp_path: Path) -> None:
    truth = {"id": "talk", "family": "speech", "duration": 3.0, "language": "en"}
    (tmp_path / "talk.json").write_text(json.dumps(truth))
    (tmp_path / "none.jsonl").write_text("")
    assert "| talk | en | no result |" in speech.section(tmp_path, tmp_path / "none.jsonl")


def test_a_set_without_speech_has_no_table_of_it(tmp_path: Path) -> None:
    (tmp_path / "tune.json").write_text(json.dumps({"id": "tune", "family": "lmms", "duration": 60.0}))
    document = {
        "recording": {"path": "tune.wav"},
        "activity": [{"start": 0.0, "end": 6.0, "label": "speech"}],
    }
    (tmp_path / "ours.jsonl").write_text(json.dumps(document))
    text = speech.section(tmp_path, tmp_path / "ours.jsonl")
    assert "In 1 minutes of music without speech, 10.00 % of the time" in text
    assert "| item |" not in text


# --- processes ----------------------------------------------------------------------------------------------


def test_memory_and_work_of_children_count() -> None:
    child = "x = bytearray(60_000_000); import time; t = time.process_time()\nwhile time.process_time() < t + .4: pass"
    cost = measure.run(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"]
    )
    assert 60e6 < cost.memory < 400e6
    assert cost.seconds > 0.4
    assert cost.cpu > 0.4


def test_failing_command_says_why() -> None:
    with pytest.raises(measure.CommandFailed, match="no such thing"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_all_take_turns_and_some_stop_earlier() -> None:
    turns: list[str] = []

    def once(name: str) -> Cost:
        turns.append(name)
        return Cost(float(len(turns)), 0.0, len(turns), f"noise\n{len(turns)}\n")

    found = measure.rounds({"a": lambda: once("a"), "b": lambda: once("b")}, 3, {"b": 2})
    assert turns == ["a", "b", "a", "b", "a"]
    assert (found["a"].seconds, found["a"].range, found["a"].memory) == (3.0, (1.0, 5.0), 5)
    assert found["b"].inside == 3.0


@pytest.mark.skipif(sys.platform != "linux", reason="cores are chosen by taskset")
def test_on_one_core_there_is_one_core() -> None:
    ask = "import os; print(len(os.sched_getaffinity(0)))"
    cost = measure.run(measure.on_one_core([sys.executable, "-c", ask]))
    assert cost.inside == 1


# --- speed --------------------------------------------------------------------------------------------------


def timings(analysis: float, ladder: float, beats: float) -> dict[str, Runs]:
    return {
        speed.DECODING: runs(1.0, 1.2, 1.1),
        speed.MUSIC: runs(analysis),
        speed.LADDER: runs(ladder),
        speed.WARM: runs(ladder),
        speed.OURS_BEATS: runs(beats),
        speed.THEIR_BEATS: runs(33.0),
        speed.RADIO: runs(9.0),
    }


def test_goals_that_are_not_reached_are_said() -> None:
    lines = speed.table(timings(analysis=3.5, ladder=2.5, beats=1.0))
    by_name = {line.split(" | ")[0].strip("| "): line for line in lines}
    assert "**not reached**" in by_name[speed.MUSIC]
    assert "≤ 3 s" in by_name[speed.LADDER] and "not reached" not in by_name[speed.LADDER]
    assert "| 1.10 | 1.00–1.20 |" in by_name[speed.DECODING]
    assert speed.RADIO not in by_name
    too_much = timings(analysis=2.5, ladder=2.5, beats=1.0) | {speed.LADDER: runs(2.5, memory=301_000_000)}
    assert "| 301 MB | ≤ 3 s, ≤ 4.5 ×, ≤ 300 MB (**not reached**)" in "\n".join(speed.table(too_much))


def test_ratios_compare_like_with_like() -> None:
    text = "\n".join(speed.ratios(timings(analysis=3.5, ladder=2.2, beats=1.5)))
    assert "takes 2.0 × the one" in text
    assert "\n2.0 × the other" in text
    assert "22.0 × faster than madmom\n(goal: ≥ 20 ×)" in text
    assert "≥ 20 ×, **not reached**" in "\n".join(speed.ratios(timings(3.5, 2.2, 2.0)))


def test_peers_that_cannot_be_timed_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = tmp_path / "music.mp3"
    tasks, missing = timed.peer_tasks(("librosa", "house128"), None, music, tmp_path)
    assert tasks == {} and list(missing) == ["librosa"]

    def refuse(peer: Peer) -> Environment:
        raise PeerMissing(f"nothing for {peer.name}")

    monkeypatch.setattr(timed, "environment", refuse)
    shutil.rmtree(tmp_path / "excerpt")
    assert timed.peer_tasks(("madmom",), tmp_path, music, tmp_path) == ({}, {"madmom": "nothing for madmom"})
    assert timed.beat_task(("madmom",), music) == {}
    assert timed.beat_task(("librosa",), music) == {}


def test_five_minutes_last_five_minutes(tmp_path: Path) -> None:
    import soundfile

    music = material.five_minutes(tmp_path / "music.mp3")
    info = soundfile.info(music)
    assert info.duration == pytest.approx(300, abs=0.01)
    assert (info.channels, info.samplerate) == (2, 44_100)
    plain = soundfile.info(material.decoded(tmp_path / "music.wav", music))
    assert plain.duration == pytest.approx(300, abs=0.01)
    assert (plain.channels, plain.subtype) == (1, "PCM_16")


def test_all_of_it_is_measured_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole section, with commands that take no time in the place of those that take minutes."""
    quick = lambda: measure.run([sys.executable, "-S", "-c", "print(0.25)"])  # noqa: E731
    ours = (speed.DECODING, speed.MUSIC, speed.LADDER, speed.WARM, speed.OURS_BEATS, speed.RADIO)
    batches: list[tuple[int, int]] = []

    def batch(folder: Path, data: Path, workers: int, tracks: int) -> Cost:
        assert len(list(folder.iterdir())) == tracks
        batches.append((tracks, workers))
        return Cost(tracks / workers, 0.0, 1, "")

    monkeypatch.setattr(speed, "five_minutes", lambda path: path)
    monkeypatch.setattr(speed, "decoded", lambda path, music: path)
    monkeypatch.setattr(speed, "our_tasks", lambda *_: dict.fromkeys(ours, quick))
    monkeypatch.setattr(speed, "peer_tasks", lambda *_: ({"librosa": quick}, {"msaf-sf": "no Python"}))
    monkeypatch.setattr(speed, "long_run", lambda *_: runs(9.0))
    monkeypatch.setattr(speed, "import_seconds", lambda: 0.02)
    monkeypatch.setattr(throughput, "batch", batch)
    text = speed.section(speed.Budget(2, 1, 0.5, 4, 2.0), ("librosa", "msaf-sf"), Path())
    for name in (*ours[:5], "librosa"):
        assert text.count(f"\n| {name} | ") == 1
    assert "- msaf-sf left out: no Python" in text
    assert "faster than madmom" not in text
    assert "0.5-hour FLAC, audio stages: 9.00 s" in text
    assert "`import edm_core`: 0.020 s" in text
    assert batches == [(1, 1), *[(2, 1), (4, 1), (4, 2)] * 2]
    assert "2.00 × as fast as one" in text


def test_short_tracks_are_all_different(tmp_path: Path) -> None:
    folder = material.short_tracks(tmp_path / "tracks", 6, 3.0)
    contents = {path.read_bytes() for path in folder.iterdir()}
    assert len(contents) == 6


def test_batches_are_judged_by_round() -> None:
    # A slow second round: medians of sums would see it, the ratio within a round does not.
    found = {
        throughput.HALF: runs(10.0, 50.0, 10.0),
        throughput.ALL: runs(20.0, 100.0, 21.0),
        throughput.PAIR: runs(10.0, 60.0, 10.5),
    }
    text = throughput.said(found, 60, 30.0)
    assert "costs 1.00 × one of the half" in text
    assert "workers are 2.00 × as fast" in text
    assert "not reached" not in text
    assert "| 60 | 2 | 10.5 | 0.175 | 343 | 100 MB |" in text
    slow = found | {throughput.PAIR: runs(15.0, 60.0, 15.0)}
    assert "1.40 × as fast as one (goal: ≥ 1.8, **not reached**)" in throughput.said(slow, 60, 30.0)


# --- the report ---------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.text("xyz\n ", max_size=9).map("body".__add__)), max_size=6)
)
def test_sections_of_the_results_keep_the_last_body(writes: list[tuple[str, str]]) -> None:
    text, last = "", {}
    for heading, body in writes:
        text = put_section(text, heading, body)
        last[heading] = body.strip()
    for heading, body in last.items():
        assert f"## {heading}\n\n{body}\n" in text
        assert text.count(f"## {heading}\n") == 1
    ordered = in_order(text, "CBA")
    assert [line for line in ordered.splitlines() if line.startswith("## ")] == [
        f"## {heading}" for heading in "CBA" if heading in last
    ]
    assert sorted(ordered.split()) == sorted(text.split())


def test_progress_says_what_is_left() -> None:
    screen = io.StringIO()
    line = progress.Progress("madmom", 200.0, screen)
    line.started -= 60.0
    line.advance(50.0, "lmms_momo")
    line.advance(1.0)  # not another tenth: not another line
    line.advance(149.0)
    assert screen.getvalue().splitlines() == ["madmom: 25 %, 3 min left lmms_momo", "madmom: 100 %"]
