"""The measures of the editor: what they are made of, how they are told, and that they can be taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from benchmarks.editor import SIZES, material, measuring
from benchmarks.editor.agreement import Clicks, Follow
from benchmarks.editor.annotator import Work
from benchmarks.editor.measuring import Found, Size, bundles
from benchmarks.editor.section import details, table
from benchmarks.editor.speed import Drag, Keys, Spread, Zoom
from edm_core.annotation import tiled


def spread(value: float, count: int = 10) -> Spread:
    return Spread.of([value] * count)


GOOD = Found(
    zooms=[Zoom(3600.0, spread(3.0)), Zoom(2.0, spread(1.0))],
    keys=Keys(spread(12.0, 20), spread(24.0, 4), 16),
    drags=[(60.0, Drag(58.0, spread(17.0)))],
    cold=3.0,
    warm=spread(0.6),
    clicks=[
        Clicks("wav", 20, spread(2.0), spread(0.3), 1.6),
        Clicks("mp3", 20, spread(4.0), spread(0.3), 1.6),
    ],
    follow=Follow(spread(2.0), spread(0.1)),
    peaks=[("wav", 0.9, 0.01)],
    bundles=[("editor", 56_000)],
    works=[("from a suggestion", Work(18, "")), ("from nothing", Work(44, ""))],
)


def line_of(found: Found, name: str) -> str:
    (line,) = [line for line in table(found) if line.startswith(f"| {name}")]
    return line


def test_what_is_reached_is_told_with_its_goal() -> None:
    lines = table(GOOD)
    assert not [line for line in lines if "not reached" in line]
    assert line_of(GOOD, "draw,") == "| draw, at the slowest zoom | ms, p95 | 3 | ≤ 8 | 1:00:00 on view |"
    assert "| 4 | ≤ 10 | mp3 |" in line_of(GOOD, "drawn click")
    assert "16 of 20 under 16 ms" in line_of(GOOD, "key until its frame is presented")
    assert {line.count("|") for line in lines} == {6}


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("draw,", {"zooms": [Zoom(60.0, spread(9.0))]}),
        ("key until its frame is made", {"keys": replace(GOOD.keys, framed=spread(51.0))}),
        ("key until its frame is presented", {"keys": Keys(spread(1.0), spread(72.0), 0)}),
        ("dragging", {"drags": [(60.0, Drag(49.0, spread(20.0)))]}),
        ("Annotate", {"warm": spread(2.6)}),
        ("drawn click", {"clicks": [replace(GOOD.clicks[0], picture=spread(11.0))]}),
        ("playhead", {"follow": Follow(spread(11.0), spread(0.1))}),
        ("peaks", {"peaks": [("mp3", 1.6, 0.1)]}),
        ("bundle", {"bundles": [("editor", 60_001)]}),
        ("eight sections from a suggestion", {"works": [("from a suggestion", Work(26, ""))]}),
        ("eight sections from nothing", {"works": [("from nothing", Work(40, "a boundary is 1.000 s off"))]}),
    ],
)
def test_what_is_not_reached_is_told(name: str, worse: dict[str, Any]) -> None:
    assert "(**not reached**)" in line_of(replace(GOOD, **worse), name)


def test_every_zoom_and_format_is_told() -> None:
    text = "\n".join(details(GOOD))
    assert "| 1:00:00.0 | 10 | 3.00 |" in text and "| mp3 | 20 | 4.00 | 4.00 | 0.30 |" in text


def test_the_slower_keys_decide_where_the_browser_tells_only_those() -> None:
    fast = replace(GOOD, keys=Keys(spread(9.0, 100), spread(40.0, 3), 97))
    assert "| 16 | ≤ 50 |" in line_of(fast, "key until its frame is presented")


def test_the_built_editors_are_weighed() -> None:
    assert {name for name, _ in bundles()} == {"edit", "editor"}
    assert all(size > 1_000 for _, size in bundles())


def test_a_suggestion_is_wrong_in_two_boundaries_and_two_labels() -> None:
    duration = material.bar_time(161) + 3
    right, wrong = material.truth(duration), material.suggestion(duration)
    pairs = list(zip(right.sections or (), wrong.sections or (), strict=True))
    assert len(pairs) == 8
    assert sum(one.start != other.start for one, other in pairs) == 2
    assert sum(one.label != other.label for one, other in pairs) == 2
    for annotation in (right, wrong, material.many_sections(duration)):
        assert tiled(annotation.sections or (), duration)[1] == ()


@pytest.mark.parametrize("form", material.FORMATS)
def test_clicks_are_where_they_are_said_to_be(form: str, tmp_path: Path) -> None:
    from edm_core.audio import load

    path = tmp_path / f"clicks.{form}"
    times = material.clicks(path, 6.0)
    assert len(times) == 6
    sound = load(path)
    loud = np.abs(sound.peaks.level(0)[:, :2].astype(int)).max(axis=1)
    width = sound.peaks.seconds_per_bin(0)
    for time in times:
        near = slice(int((time - 0.03) / width), int((time + 0.03) / width) + 1)
        assert loud[near].max() > 60
    assert np.median(loud) <= 1


def test_music_is_as_long_as_asked(tmp_path: Path) -> None:
    assert soundfile.info(str(material.long_music(tmp_path / "a.flac", 0.05))).duration == pytest.approx(3.0)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(280)
def test_the_figures_can_be_taken(chromium: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    @contextmanager
    def one_browser() -> Any:
        yield chromium  # two drivers cannot run in one process

    monkeypatch.setattr(measuring, "chromium", one_browser)
    monkeypatch.setattr(material, "FORMATS", ("wav",))
    written = material.clicks
    monkeypatch.setattr(material, "clicks", lambda path: written(path, 6.0))
    found = measuring.measured(Size(1.5, 5, 6, 0.4, 1, 10, 0))
    assert [work.wrong for _, work in found.works] == ["", ""]
    assert [work.actions for _, work in found.works] == [18, 44]
    assert max(each.picture.most for each in found.clicks) < 10.0
    assert found.clicks[0].count >= 5
    assert found.zooms[0].span == pytest.approx(90.0, abs=0.1) and found.zooms[-1].span == pytest.approx(2.0)
    assert all(zoom.draw.count >= 5 and zoom.draw.median > 0 for zoom in found.zooms)
    assert found.keys.framed.count > 0 and found.drags[0][1].per_second > 0 and found.follow.lag.count > 0


def test_sizes_go_from_quick_to_full() -> None:
    assert set(SIZES) == {"quick", "full"} and SIZES["full"].minutes == 60.0
