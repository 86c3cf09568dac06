"""Rendered pieces: the same from the same seed, and the truth is where the sound is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.forms import __main__ as program
from benchmarks.forms.grooves import STYLES
from benchmarks.forms.human import Form
from benchmarks.forms.render import Rendering, compose, render, truth_of
from benchmarks.forms.score import Score, stream

RATE = 8000
FORM = Form(
    "short", ("intro", "buildup", "drop", "breakdown", "silence", "drop", "outro"), (8, 4, 8, 4, 1, 8, 4)
)


def score_of(seed: int, form: Form | None = None) -> Score:
    return compose(int(stream(seed, "train").integers(2**62)), "train", form)


@pytest.fixture(scope="module")
def piece() -> Rendering:
    return render(3, rate=RATE, form=FORM)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(piece: Rendering) -> None:
    again = render(3, rate=RATE, form=FORM)
    assert again.samples.tobytes() == piece.samples.tobytes() and again.truth == piece.truth
    assert render(4, rate=RATE, form=FORM).truth["tempo"] != piece.truth["tempo"]


def test_splits_and_rates(piece: Rendering) -> None:
    other = render(3, rate=11025, form=FORM).truth
    same = ("tempo", "beats", "downbeats", "boundaries", "sections", "activity", "key", "style", "offset")
    assert {name: other[name] for name in same} == {name: piece.truth[name] for name in same}
    assert render(3, split="val", rate=RATE, form=FORM).truth["beats"] != piece.truth["beats"]


def test_samples_are_what_the_truth_says(piece: Rendering) -> None:
    assert piece.samples.dtype == np.float32 and piece.samples.ndim == 2 and piece.samples.shape[1] in (1, 2)
    assert np.isfinite(piece.samples).all() and 0.01 < np.abs(piece.samples).max() <= 1.0
    assert piece.truth["duration"] == pytest.approx(len(piece.samples) / RATE, abs=1e-3)
    assert piece.truth["family"] == "form" and json.loads(json.dumps(piece.truth)) == piece.truth


def test_truth_follows_the_form(piece: Rendering) -> None:
    truth = piece.truth
    assert [section["label"] for section in truth["sections"]] == list(FORM.labels)
    starts = [section["start"] for section in truth["sections"]]
    assert [section["end"] for section in truth["sections"]][:-1] == starts[1:]
    assert set(starts) <= set(truth["downbeats"])
    major = [boundary["time"] for boundary in truth["boundaries"] if boundary["major"]]
    assert set(starts[1:]) <= set(major)
    assert len(truth["downbeats"]) == FORM.total == len(truth["activity"]["bars"][0])
    assert set(truth["downbeats"]) <= set(truth["beats"])


def test_composing_keeps_its_promises_for_many_seeds() -> None:
    styles, free, changing, pickups = set(), 0, 0, 0
    for seed in range(60):
        score = score_of(seed)
        truth = truth_of(score, float(score.bar_times()[-1] + score.tail), "x")
        styles.add(score.style)
        free += not truth["sections"]
        changing += not truth["tempo"]["constant"]
        pickups += score.pickup > 0
        beats = np.array(truth["beats"])
        assert (np.diff(beats) > 0.3).all() and beats[0] >= truth["offset"] - 1e-3
        assert truth["tempo"]["bpm"] in truth["tempo"]["accept"]
        if truth["tempo"]["constant"]:
            assert 60 / np.diff(beats).mean() == pytest.approx(truth["tempo"]["bpm"], abs=0.02)
        low, high = STYLES[score.style].tempo
        assert truth["tempo"]["constant"] is False or low - 0.5 <= truth["tempo"]["bpm"] <= high + 0.5
        assert truth["duration"] <= 330
    assert len(styles) > 8 and 8 <= free <= 35 and pickups >= 1 and changing <= 8


def flux_at(piece: Rendering, times: np.ndarray, reach: int = 60) -> int:
    """Where around the times the mean spectral flux peaks, in milliseconds."""
    size, hop = piece.rate // 50, piece.rate // 1000
    mono = np.pad(piece.samples.mean(1), (size, size))
    # The window ends at the moment: a hit shows when it begins.
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[hop::hop] * np.hanning(2 * size)[:size]
    flux = np.maximum(0, np.diff(np.log1p(50 * np.abs(np.fft.rfft(frames, axis=1))), axis=0, prepend=0)).sum(
        1
    )
    lags = np.arange(-reach, reach + 1)
    centres = np.round(times * 1000).astype(int)
    centres = centres[(centres > reach) & (centres < len(flux) - reach - 1)]
    return int(lags[np.argmax(flux[centres[:, None] + lags].mean(0))])


def test_kicks_lie_on_the_beats_also_after_codecs() -> None:
    """Four to the floor: in the finished recording hits begin within 5 ms of the true beats."""
    lags = []
    form = Form("drop", ("drop",), (8,))
    for seed in range(80):
        if len(lags) < 8 and STYLES[score_of(seed, form).style].kicks[0] == "x...x...x...x...":
            piece = render(seed, rate=RATE, form=form)
            lags.append(flux_at(piece, np.array(piece.truth["beats"])))
    assert len(lags) == 8
    # One may go wrong: a kick can be left out, or drowned by what is off the beat.
    assert np.sum(np.abs(lags) <= 5) >= 7, lags


def test_the_program_writes_what_the_scorer_reads(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(program, "render", lambda seed, **options: render(seed, form=FORM, **options))
    monkeypatch.setattr(
        "sys.argv", ["forms", "--out", str(tmp_path), "--count", "1", "--seed", "5", "--rate", "8000"]
    )
    program.main()
    truth = json.loads((tmp_path / "truth" / "form_train_00005.json").read_text(encoding="utf-8"))
    assert truth["id"] == "form_train_00005" and (tmp_path / truth["audio"]).stat().st_size > 10_000
    assert "form_train_00005" in capsys.readouterr().out
