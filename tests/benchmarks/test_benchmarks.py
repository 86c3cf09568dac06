"""The benchmarks count right: words, time, memory, and what their report says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import devset, measure, speech, speed
from benchmarks.__main__ import put_section

WORDS = st.lists(st.sampled_from(["drop", "kick", "bass", "snare"]), max_size=12)


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


def test_memory_of_children_counts() -> None:
    child = "x = bytearray(60_000_000); import time; time.sleep(0.4)"
    cost = measure.run(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"]
    )
    assert 60e6 < cost.memory < 400e6
    assert cost.seconds > 0.4


def test_failing_command_says_why() -> None:
    with pytest.raises(measure.CommandFailed, match="no such thing"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_promises_that_are_not_kept_are_said() -> None:
    kept, broken = measure.Cost(4.0, 10**8, ""), measure.Cost(11.0, 10**8, "")
    lines = speed.table([("a", kept, (10.0, 6e8)), ("b", broken, (10.0, 6e8))], decoding=2.0)
    assert "not kept" not in lines[2]
    assert "| 2.0 |" in lines[2]
    assert "**not kept**" in lines[3]


def test_five_minutes_last_five_minutes(tmp_path: Path) -> None:
    import soundfile

    info = soundfile.info(speed.five_minutes(tmp_path / "music.mp3"))
    assert info.duration == pytest.approx(300, abs=0.01)
    assert (info.channels, info.samplerate) == (2, 44_100)


def test_without_the_set_the_report_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDM_BENCHMARK_DIR", str(tmp_path))
    assert devset.section(tmp_path / "set").startswith("Left out")
    assert not (tmp_path / "set").exists()


def test_sure_differences_are_bold() -> None:
    summary = {
        "all": {
            "beat_f": {"mean": 0.2, "low": 0.1, "high": 0.3},
            "hr3_f": {"mean": 0.2, "low": -0.1, "high": 0.5},
        }
    }
    text = "\n".join(devset._family_table(summary, ("beat_f", "hr3_f", "label"), signed=True))
    assert "**+0.20 [+0.10, +0.30]**" in text
    assert "| hr3_f | +0.20 [-0.10, +0.50] |" in text
    assert "label" not in text


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
