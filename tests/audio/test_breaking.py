"""A file that breaks its codec, or is meant to break whoever reads it, costs an error and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edm_core.audio import decode, load
from edm_core.audio.probing import probe
from edm_core.audio.sandbox import _Ready
from edm_core.errors import AudioError, LimitError
from edm_core.settings import Settings
from tests.audio.broken.sitecustomize import MARKS, install
from tests.audio.long_files import reading, silent_flac


@pytest.fixture
def breaking(monkeypatch):
    """Decoders that break where a file says so."""
    from edm_core.audio import sandbox

    for name in ("script_command", "ready_command"):
        monkeypatch.setattr(sandbox, name, getattr(sandbox, name))
    monkeypatch.setattr(sandbox, "_ready", ready := _Ready())
    install()
    yield ready
    ready.close()


@pytest.fixture
def marked(tmp_path):
    """Write a sound with a mark among its tags."""

    def write(mark):
        path = tmp_path / f"{mark.decode()}.wav"
        with soundfile.SoundFile(path, "w", 8_000, 1) as file:
            file.title = mark.decode()
            file.write(np.zeros(16_000))
        data = path.read_bytes()
        if mark not in data[:4096]:  # tags are written behind the sound: have the chunk in front too
            chunk = b"note" + len(mark.ljust(16)).to_bytes(4, "little") + mark.ljust(16)
            path.write_bytes(data[:12] + chunk + data[12:])
        return path

    return write


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.decode())
def test_a_codec_that_breaks_fails_that_file_within_its_time_and_no_other(
    mark, marked, wav, breaking, monkeypatch
):
    monkeypatch.setattr(decode, "SILENCE_S", 1.0)
    path = marked(mark)
    assert probe(wav).duration == 2.0
    process = breaking._process
    others, done = [], threading.Event()

    def meanwhile():
        while not done.is_set():
            others.append(probe(wav).duration)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    begun = time.monotonic()
    try:
        with pytest.raises(AudioError) as caught:
            probe(path)
    finally:
        done.set()
        thread.join()
    assert time.monotonic() - begun < 30
    assert caught.value.subject == str(path)
    assert caught.value.remedy
    assert set(others) == {2.0}
    assert breaking._process is process  # the ready process bore it
    assert probe(wav).duration == 2.0


def test_what_hangs_is_given_up_within_half_a_minute():
    assert decode.SILENCE_S < 30


def test_the_hook_works_in_another_process_without_anything_in_the_product(marked, wav):
    code = (
        "import sys; from edm_core.audio import probe\n"
        "for path in sys.argv[1:]:\n"
        "    try: print(probe(path).duration)\n"
        "    except Exception as error: print(error)"
    )
    given = {**os.environ, "PYTHONPATH": str(Path(__file__).parent / "broken")}
    paths = [str(marked(b"BREAK-SEGV")), str(wav)]
    shown = subprocess.run(
        [sys.executable, "-c", code, *paths], env=given, capture_output=True, text=True, check=True
    )
    first, second = shown.stdout.splitlines()
    assert "crashed (SIGSEGV)" in first
    assert second == "2.0"


# --- files that are small and mean much --------------------------------------------------------------


@pytest.mark.slow
def test_ten_hours_are_refused_by_their_header_where_that_is_too_long(tmp_path):
    path = silent_flac(tmp_path / "a.flac", 10)
    assert path.stat().st_size < 7_000_000
    assert probe(path).duration == 36_000
    begun = time.monotonic()
    with pytest.raises(LimitError, match="EDM_MAX_DURATION_S"):
        load(path, settings=Settings(max_duration_s=3600))
    assert time.monotonic() - begun < 10  # decoding it takes minutes


@pytest.mark.slow
def test_hours_are_read_in_little_memory(tmp_path):
    """Twice as long takes no more: blocks go to the disk."""
    short, long = (reading(silent_flac(tmp_path / f"{hours}.flac", hours), tmp_path) for hours in (0.25, 0.5))
    assert (short[0], long[0]) == (900, 1800)
    assert long[1] < 300
    assert long[1] - short[1] < 30


def test_a_length_that_is_not_told_is_limited_while_it_is_decoded(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros(8_000 * 600), 8_000)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert probe(path).duration is None
    settings = Settings(max_duration_s=60)
    from edm_core.audio.identity import opened

    with pytest.raises(LimitError), opened(path) as source, decode.decoding(source, settings) as stream:
        for _ in stream.blocks():
            assert stream.frames <= 61 * 8_000
