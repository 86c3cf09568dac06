"""Every format decodes to the same clicks at the same places, and every bad file is refused in one line."""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edm_core.audio import decode, sandbox
from edm_core.audio.decode import decoding
from edm_core.audio.identity import opened
from edm_core.errors import AudioError, LimitError
from edm_core.settings import Settings

NAMES = (
    "wav", "wav 24", "wav float", "flac", "aiff", "mp3", "mp3 lame", "ogg", "opus",
    "m4a", "alac", "mp4", "mov", "webm", "mkv", "aac",
)  # fmt: skip


def read(path, settings=None, isolated=False):
    settings = settings or Settings()
    with opened(path, settings) as source, decoding(source, settings, isolated=isolated) as stream:
        blocks = list(stream.blocks())
    return np.concatenate(blocks), stream


@pytest.mark.parametrize("name", NAMES)
def test_every_format_keeps_time_zero_and_length(name, make, sounds):
    samples, stream = read(make(name))
    rate = stream.format.sample_rate
    assert (rate, stream.format.channels) == (sounds.FORMATS[name][1], 2)
    assert stream.frames == len(samples)
    if name == "aac":  # a bare AAC stream does not say how much of its start the encoder added
        assert np.diff(sounds.click_times(samples[:, 0], rate)) == pytest.approx(0.5, abs=1e-3)
        return
    assert sounds.click_times(samples[:, 0], rate) == pytest.approx(sounds.CLICKS, abs=1e-3)
    assert len(samples) / rate == pytest.approx(sounds.SECONDS, abs=0.03 if name == "webm" else 1e-3)
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.12)


@pytest.mark.parametrize("name", NAMES)
def test_the_decoder_process_gives_the_same_samples(name, make):
    path = make(name)
    np.testing.assert_array_equal(read(path, isolated=True)[0], read(path)[0])


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (192_000, 2), (44_100, 6), (48_000, 8)])
def test_rates_and_channels(rate, channels, tmp_path, sounds):
    soundfile.write(tmp_path / "a.flac", sounds.clicks(rate, channels), rate)
    samples, stream = read(tmp_path / "a.flac")
    assert samples.shape == (2 * rate, channels)
    assert stream.share == 1.0


def test_content_counts_and_not_the_name(make):
    path = make("m4a")
    renamed = path.rename(path.with_suffix(".wav"))
    assert read(renamed)[1].format.codec.endswith("aac")


def test_flac_of_unknown_length(make):
    path = make("flac")
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert read(path)[1].frames == 88_200


def test_chained_ogg_is_read_to_its_end(make):
    path = make("ogg")
    path.write_bytes(2 * path.read_bytes())
    assert read(path)[1].frames == pytest.approx(4 * 44_100, abs=3_000)


def test_several_mp3s_in_one_file_are_read_to_the_end(tmp_path):
    path = tmp_path / "a.mp3"
    noise = np.random.default_rng(0).standard_normal((20 * 44_100, 2)) * 0.1
    soundfile.write(path, noise, 44_100, format="MP3", bitrate_mode="CONSTANT", compression_level=0.2)
    path.write_bytes(2 * path.read_bytes())
    assert read(path)[1].frames == pytest.approx(40 * 44_100, abs=5_000)


# --- bad input -------------------------------------------------------------------------------------


def refused(path, settings=None, isolated=False) -> AudioError:
    with pytest.raises(AudioError) as caught:
        read(path, settings, isolated)
    error = caught.value
    assert error.subject == str(path)
    assert error.remedy
    assert "\n" not in str(error)
    return error


def write_riff(path, **changes):
    """A small WAV whose header is then falsified."""
    soundfile.write(path, np.zeros(8_000), 8_000)
    data = bytearray(path.read_bytes())
    for place, value in changes.values():
        data[place : place + len(value)] = value
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"just some words, not sound\n" * 50, "not sound but text"),
        ("Grüße, 漢字\n".encode() * 90, "not sound but text"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/hostname\n", "not sound but text"),
        (b"RIFF\xff\xff\x00\x00WAVEfmt garbage" + bytes(range(200)) * 20, "damaged"),
        (b"RIFF\x24\x00\x00\x00WAVE", "damaged"),
        (b"fLaC" + b"\x01\x02\x03" * 3000, "damaged"),
        (b"\x00" * 5_000, "not sound in a format known"),
        (np.random.default_rng(3).bytes(100_000), "not sound in a format known"),
    ],
)
@pytest.mark.parametrize("suffix", [".mp3", ".wav"])
def test_what_is_not_sound(content, words, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert words in refused(path).problem


def test_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.mp3", "w") as archive:
        archive.writestr("a.wav", b"RIFF" * 100)
    assert "ZIP" in refused(tmp_path / "a.mp3").problem


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_numbers(bad, tmp_path):
    samples = np.zeros(8_000, np.float32)
    samples[5_000] = bad
    soundfile.write(tmp_path / "a.wav", samples, 8_000, "FLOAT")
    assert "NaN" in refused(tmp_path / "a.wav").problem


@pytest.mark.parametrize("peak", [32_767.0, -3.4e38])
def test_samples_far_beyond_full_scale(peak, tmp_path):
    samples = np.zeros(8_000, np.float32)
    samples[5_000] = peak
    soundfile.write(tmp_path / "a.wav", samples, 8_000, "FLOAT")
    assert "full scale" in refused(tmp_path / "a.wav").problem


def test_no_channels(tmp_path):
    write_riff(tmp_path / "a.wav", channels=(22, b"\0\0"))
    refused(tmp_path / "a.wav")


@pytest.mark.parametrize("rate", [0, 1, 7_999, 4_000_000_000])
def test_impossible_sample_rates(rate, tmp_path):
    write_riff(tmp_path / "a.wav", rate=(24, struct.pack("<I", rate)))
    refused(tmp_path / "a.wav")


@pytest.mark.parametrize(("frames", "words"), [(0, "no sound"), (1, "1 sample,"), (4_409, "less than 0.1 s")])
def test_too_short(frames, words, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(frames), 44_100)
    assert words in refused(tmp_path / "a.wav").problem


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("name", ["wav", "flac", "aiff", "mp3 lame", "ogg", "opus", "m4a", "webm", "mkv"])
def test_truncated(name, share, make):
    path = make(name)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert any(word in refused(path).problem for word in ("cut short", "damaged"))


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_damaged_midway(suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.random.default_rng(0).standard_normal(20 * 44_100) * 0.1, 44_100)
    data = bytearray(path.read_bytes())
    middle, size = len(data) // 2, len(data) // 6
    data[middle : middle + size] = np.random.default_rng(1).bytes(size)
    path.write_bytes(data)
    assert any(word in refused(path).problem for word in ("cut short", "damaged"))


def test_a_film_without_sound(tmp_path):
    import av

    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        container.mux(stream.encode(None))
    assert "no audio stream" in refused(tmp_path / "a.mp4").problem


def test_limit_of_channels(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((8_000, 3)), 8_000)
    error = refused(tmp_path / "a.wav", Settings(max_channels=2))
    assert isinstance(error, LimitError)
    assert "EDM_MAX_CHANNELS" in error.remedy


def test_more_channels_than_can_be_decoded_whatever_the_limit(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((8_000, 100)), 8_000)
    assert "100 channels" in refused(tmp_path / "a.wav", Settings(max_channels=200)).problem


@pytest.mark.parametrize("seconds", [math.inf, 1e30])
def test_a_limit_of_duration_beyond_all_bounds(seconds, wav):
    with opened(wav) as source, decoding(source, Settings(max_duration_s=seconds)) as stream:
        assert sum(len(block) for block in stream.blocks()) == 2 * stream.format.sample_rate


@pytest.mark.parametrize("name", ["wav", "aac"])
def test_limit_of_duration_from_header_and_while_decoding(name, make):
    error = refused(make(name), Settings(max_duration_s=1.5))
    assert isinstance(error, LimitError)
    assert "EDM_MAX_DURATION_S" in error.remedy


# --- the decoder process ---------------------------------------------------------------------------


@pytest.fixture(params=["ready", "script"])
def way(request, monkeypatch):
    """Both ways of starting a decoder: what the user is told is the same."""
    if request.param == "script":
        monkeypatch.setattr(sandbox, "ready_command", lambda: [sys.executable, "-c", ""])
    monkeypatch.setattr(sandbox, "_ready", ready := sandbox._Ready())
    yield request.param
    ready.close()


PROLOGUE = """
import os, sys, time
sys.path.insert(0, {root!r})
from edm_core.audio import _decoder_process, _ready_process
def broken(*given):
    {body}
_decoder_process.answer = broken
sys.path[:] += {path!r}
sys.exit({module}.main(sys.argv[1:]))
"""


def break_decoders(monkeypatch, body):
    """Let every decoder do something else than decoding."""

    def command(module):
        root = str(Path(sandbox.__file__).parents[2])
        script = PROLOGUE.format(root=root, body=body, path=sys.path, module=module)
        return [sys.executable, "-I", "-S", "-c", script]

    monkeypatch.setattr(sandbox, "script_command", lambda: command("_decoder_process"))
    if sandbox.ready_command()[1] != "-c":
        monkeypatch.setattr(sandbox, "ready_command", lambda: command("_ready_process"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.kill(os.getpid(), 11)", "crashed (SIGSEGV)"),
        ("os.abort()", "crashed (SIGABRT)"),
        ("os.kill(os.getpid(), 9)", "too much time or memory"),
        ("return 3", "stopped with status 3"),
        ("os.write(1, b'B' + b'\\x7f' * 4)", "nonsense"),
        ("os.write(1, b'?' + bytes(4))", "nonsense"),
        ("_decoder_process.main = [bytes(1 << 20) for _ in range(10**6)]", "stopped with status 1"),
        ("time.sleep(60)", "gave no sound"),
    ],
)
def test_a_decoder_that_breaks_is_an_error_and_not_a_crash(body, words, wav, way, monkeypatch):
    break_decoders(monkeypatch, body)
    monkeypatch.setattr(decode, "SILENCE_S", 0.7 if "sleep" in body else 20.0)
    started = time.monotonic()
    assert words in refused(wav, isolated=True).problem
    assert time.monotonic() - started < 15


def test_a_decoder_that_computes_for_ever_is_stopped(wav, way, monkeypatch):
    break_decoders(monkeypatch, "while True: pass")
    start = sandbox.start
    monkeypatch.setattr(sandbox, "start", lambda file, memory, _, blocks: start(file, memory, 1, blocks))
    assert "too much time or memory" in refused(wav, isolated=True).problem


def test_a_decoder_that_cannot_be_started(wav, way, monkeypatch):
    monkeypatch.setattr(sandbox, "ready_command", lambda: [str(wav)])  # may not be executed
    monkeypatch.setattr(sandbox, "script_command", lambda: [str(wav)])
    assert "cannot be started" in refused(wav, isolated=True).problem


def test_a_file_that_takes_too_much_memory(make, way, monkeypatch):
    monkeypatch.setattr(decode, "MEMORY_BYTES", 20_000_000)
    refused(make("wav"), isolated=True)


def test_leaving_early_ends_the_process(tmp_path, way, monkeypatch):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((30 * 44_100, 2)), 44_100)
    decoders = []
    start = sandbox.start
    monkeypatch.setattr(sandbox, "start", lambda *given: decoders.append(start(*given)) or decoders[-1])
    settings = Settings()
    with opened(path, settings) as source, decoding(source, settings) as stream:
        next(iter(stream.blocks()))
        os.kill(decoders[0].pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(decoders[0].pid, 0)


def test_the_process_sees_no_environment(wav, way, monkeypatch):
    monkeypatch.setenv("EDM_LLM_API_KEY", "secret")
    given = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: given.append(k["env"]) or start(*a, **k))
    read(wav, isolated=True)
    assert given
    assert not any("EDM_LLM_API_KEY" in environment for environment in given)
