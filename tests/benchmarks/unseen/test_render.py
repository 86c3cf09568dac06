"""The whole way, where LMMS is installed: twenty seconds played, mixed, written and compared with their truth."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.unseen import __main__ as command
from benchmarks.unseen.forms import Form
from benchmarks.unseen.plan import draw_plan
from benchmarks.unseen.render import SAMPLE_RATE
from benchmarks.unseen.styles import BY_NAME
from edm_core.errors import EdmError


def test_a_machine_without_lmms_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["unseen", "--out", str(tmp_path / "out")])
    assert command.main() == 1
    assert "apt-get install lmms" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_lag_beyond_the_limit_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plan = draw_plan(0, Form("x", ("intro", "drop"), (8.0, 8.0)), BY_NAME["house"], seed=1)
    audio = np.zeros((int(plan.time(plan.bars) + 1) * SAMPLE_RATE, 2), np.float32)
    for name in ("loops", "strokes"):
        monkeypatch.setattr(command, name, lambda *_: {})
    monkeypatch.setattr(command, "mix", lambda *_: {})
    monkeypatch.setattr(command, "master", lambda *_: audio)
    monkeypatch.setattr(command, "onset_lag_ms", lambda *_: 9.0)
    with pytest.raises(EdmError, match=r"9\.0 ms"):
        command.render(replace(plan, codec="wav"), tmp_path)
    assert not (tmp_path / "truth").exists()


@pytest.mark.slow
def test_twenty_seconds_are_rendered_and_their_truth_fits(tmp_path: Path) -> None:
    if shutil.which("lmms") is None:
        pytest.skip("LMMS is not installed: apt-get install lmms lmms-common")
    form = Form("x", ("intro", "drop", "outro"), (8.0, 8.0, 4.0))  # 4, 4 and 4 bars at about 120 BPM
    plan = replace(draw_plan(2, form, BY_NAME["house"], seed=1), codec="flac")
    assert plan.bpm != round(plan.bpm)
    document = command.render(plan, tmp_path)
    assert json.loads((tmp_path / "truth" / f"{plan.name}.json").read_text())["id"] == plan.name
    assert abs(document["lag_ms"]) <= command.MOST_LAG_MS
    assert document["duration"] == pytest.approx(plan.time(plan.bars) + 3.0, abs=0.1)
    levels = dict(zip(form.labels, document["levels_db"], strict=True))
    assert -15 < levels["drop"] < -6 and levels["intro"] < levels["drop"]
