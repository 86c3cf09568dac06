"""Several recordings whose speech one process recognises at the same time, with one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from edm_core._codec import encode
from edm_core.analysis import analyze
from edm_core.service import open_workbench
from edm_core.service.bench import KINDS
from edm_core.settings import Settings, cores
from edm_core.timeline import Timeline

TALK = Path(__file__).parents[1] / "data" / "talk.opus"


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    """Two stretches of a talk."""
    samples, rate = soundfile.read(TALK, dtype="int16")
    ends = ((0.0, 9.0), (11.0, 17.0))
    paths = [tmp_path / f"clip{number}.wav" for number in range(len(ends))]
    for path, (start, end) in zip(paths, ends, strict=True):
        soundfile.write(path, samples[int(start * rate) : int(end * rate)], rate)
    return paths


def told(timeline: Timeline) -> Any:
    """All that was found, without the times at which it was."""
    return without_times(encode(timeline)["layers"])


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_times(each) for name, each in value.items() if name != "time"}
    return [without_times(each) for each in value] if isinstance(value, list) else value


@pytest.mark.skipif(cores() < 2, reason="one core works on one recording at a time")
def test_what_is_found_is_the_same_as_alone(clips: list[Path], tmp_path: Path) -> None:
    bench = open_workbench(Settings(data_dir=tmp_path / "data"))
    entries = [bench.library.add_file(clip) for clip in clips]
    waiting = [bench.queue.submit("speech", entry.id, {"id": entry.id}) for entry in entries]
    bench.start()
    try:
        ended = [bench.queue.wait(job.id, 120) for job in waiting]
    finally:
        bench.close()
    assert [job.state for job in ended] == ["done"] * 2
    first, second = sorted(ended, key=lambda job: job.started or "")
    assert (second.started or "") < (first.finished or "")  # they were under way together
    assert KINDS["speech"].concurrency > 1
    settings = Settings(data_dir=tmp_path / "alone")
    for clip, entry in zip(clips, entries, strict=True):
        alone, found = analyze(clip, settings=settings), bench.library.timeline(entry.id)
        assert alone.words and found is not None
        assert told(found) == told(alone)
