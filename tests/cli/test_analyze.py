import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from edm_core.timeline import Timeline


@pytest.fixture
def tone(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * np.arange(3 * 24_000) / 24_000), 24_000)
    return path


def bad_files(folder):
    """Return name → path of what is no sound, or no good one."""
    folder.mkdir(exist_ok=True)
    made = {
        name: folder / name
        for name in ("empty.mp3", "text.mp3", "zip.wav", "fake.wav", "nan.wav", "one.wav", "cut.flac")
    }
    made["empty.mp3"].write_bytes(b"")
    made["text.mp3"].write_text("this is a letter, not a song\n" * 50)
    with zipfile.ZipFile(made["zip.wav"], "w") as archive:
        archive.writestr("a.txt", "hello" * 100)
    made["fake.wav"].write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64))
    soundfile.write(made["nan.wav"], np.full(24_000, np.nan, np.float32), 24_000, "FLOAT")
    soundfile.write(made["one.wav"], np.zeros(1), 24_000)
    whole = folder / "whole.flac"
    soundfile.write(whole, np.random.default_rng(0).uniform(-0.5, 0.5, 10 * 24_000), 24_000)
    made["cut.flac"].write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    whole.unlink()
    return made


def test_json_is_one_timeline_a_line(edm, demo):
    done = edm("analyze", demo / "edm_track.mp3", "--only", "music", "--format", "json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert Timeline.from_json(line).tempo.bpm == pytest.approx(126.0, abs=0.05)
    assert "words" not in json.loads(line)["provenance"]["stages"]


def test_bad_files_are_one_line_each_and_do_not_stop_the_rest(edm, tmp_path, tone):
    bad = bad_files(tmp_path / "bad")
    missing = tmp_path / "missing.mp3"
    done = edm("analyze", *bad.values(), missing, tone, "--format", "json", "--only", "music")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(bad) + 1
    for path in (*bad.values(), missing):
        (line,) = [line for line in lines if str(path) in line]
        assert line.startswith("edm: ")
        assert ";" in line  # what to do
    (document,) = done.stdout.splitlines()
    assert json.loads(document)["recording"]["path"].endswith("tone.wav")


def test_a_folder_stands_for_its_sound_files(edm, tmp_path, tone):
    shutil.copy(tone, tmp_path / "b.WAV")
    (tmp_path / "below").mkdir()
    shutil.copy(tone, tmp_path / "below" / "c.wav")
    (tmp_path / "notes.txt").write_text("no sound")
    flat = edm("analyze", tmp_path, "--only", "music", "--format", "json")
    assert len(flat.stdout.splitlines()) == 2
    deep = edm("analyze", tmp_path, "--recursive", "--only", "music", "--format", "json")
    assert len(deep.stdout.splitlines()) == 3
    assert (flat.returncode, deep.returncode) == (0, 0)


def test_a_folder_without_sound_is_said(edm, tmp_path):
    done = edm("analyze", tmp_path)
    assert done.returncode == 1
    assert "no sound files in this folder" in done.stderr
    assert "--recursive" in done.stderr


def test_limits_are_said(edm, tone):
    done = edm("analyze", tone, EDM_MAX_DURATION_S="1")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "EDM_MAX_DURATION_S" in done.stderr


def test_csv_yaml_and_table(edm, demo):
    track = demo / "edm_track.mp3"
    rows = list(
        csv.DictReader(io.StringIO(edm("analyze", track, "--only", "music", "--format", "csv").stdout))
    )
    assert {row["label"] for row in rows} >= {"drop", "breakdown"}
    assert rows[0]["start"] == "0.0"
    document = yaml.safe_load(edm("analyze", track, "--only", "music", "--format", "yaml").stdout)
    assert document["schema"] == 1
    table = edm("analyze", track, "--only", "music").stdout
    assert "126 BPM" in table
    assert "drop" in table


def test_out_writes_whole_files_and_keeps_those_of_others(edm, tmp_path, tone):
    out = tmp_path / "out"
    done = edm("analyze", tone, "--only", "music", "--out", out)
    file = out / "tone.wav.json"
    assert done.stdout.split() == [str(file)]
    assert Timeline.from_json(file.read_text()).recording.path.endswith("tone.wav")
    other = tmp_path / "other" / "tone.wav"
    other.parent.mkdir()
    soundfile.write(other, np.zeros(24_000), 24_000)
    edm("analyze", other, "--only", "music", "--out", out)
    edm("analyze", tone, "--only", "music", "--out", out)
    assert len(list(out.iterdir())) == 2


def test_workers_give_the_same_as_one(edm, tmp_path, tone):
    files = [tone]
    for number in range(2):
        file = tmp_path / f"{number}.wav"
        soundfile.write(file, 0.1 * (number + 1) * np.sin(np.arange(48_000)), 24_000)
        files.append(file)
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"x")
    done = edm("analyze", *files, bad, "--workers", 2, "--only", "music", "--format", "json")
    assert done.returncode == 1
    assert str(bad) in done.stderr
    names = {json.loads(line)["recording"]["path"].rsplit("/", 1)[-1] for line in done.stdout.splitlines()}
    assert names == {file.name for file in files}


@pytest.mark.parametrize(
    "arguments",
    [["analyze"], ["analyze", "x.mp3", "--format", "xml"], ["analyze", "x.mp3", "--workers", "0"], ["sing"],
     ["analyze", "x.mp3", "--only", "noise"]],
)  # fmt: skip
def test_unusable_arguments_end_with_2(edm, arguments):
    done = edm(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_unknown_personas_are_unusable(edm, tone):
    done = edm("analyze", tone, "--personas", "nobody")
    assert done.returncode == 2
    assert "genz" in done.stderr


def test_wrong_settings_end_with_2(edm, tone):
    done = edm("analyze", tone, EDM_MAX_CHANNELS="eight")
    assert done.returncode == 2
    assert done.stderr.startswith("edm: EDM_MAX_CHANNELS")


@pytest.mark.parametrize("arguments", [("analyze", "--only", "music"), ("app", "--no-demo", "--port", "0")])
def test_a_data_folder_that_cannot_be_made_is_one_line(edm, tone, arguments):
    below = tone / "data"  # below a file
    files = [tone] if arguments[0] == "analyze" else []
    done = edm(*arguments, *files, EDM_DATA_DIR=str(below))
    # An analysis stands without it, only that nothing is kept; the pages need it.
    assert (done.returncode, bool(done.stdout)) == ((0, True) if files else (1, False))
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"edm: {below}")
    assert "EDM_DATA_DIR" in line


def test_names_that_cannot_be_looked_up_do_not_stop_the_rest(edm, tone):
    done = edm("analyze", "x" * 5_000, tone, "--only", "music", "--format", "json")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == len(done.stdout.splitlines()) == 1


def test_a_fault_on_one_file_does_not_stop_the_rest(monkeypatch, tmp_path):
    from edm_core.cli import batch

    monkeypatch.setattr(batch, "analyze", lambda path, **_: 1 / 0 if path.name == "a" else path)
    files = [tmp_path / name for name in "ab"]
    (_, wrong), (_, right) = batch.analyse_each(files, {}, lambda *_: None)
    assert "ZeroDivisionError" in str(wrong)
    assert str(wrong).startswith(str(files[0]))
    assert right == files[1]


@pytest.mark.parametrize("layout", ["json", "csv", "table"])
@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_what_is_printed_never_depends_on_the_locale(edm, tone, layout, encoding):
    odd = os.fsencode(tone.parent) + b"/\xff \xe2\x98\x83.wav"
    shutil.copy(tone, odd)
    arguments = ("analyze", os.fsdecode(odd), "--only", "music", "--format", layout)
    done = edm(*arguments, PYTHONIOENCODING=encoding, as_bytes=True)
    assert (done.returncode, done.stderr) == (0, b"")
    if layout != "csv":  # a tone has no sections, and so no row
        assert "☃".encode() in done.stdout


def test_names_cannot_steer_the_terminal(edm, tmp_path):
    odd = tmp_path / "a\x1b[31m\nb.wav"
    odd.write_bytes(b"")
    (line,) = edm("analyze", odd).stderr.splitlines()
    assert "\x1b" not in line
    assert "it is empty" in line


def test_a_folder_for_results_that_cannot_be_made_is_an_unusable_argument(edm, tone):
    done = edm("analyze", tone, "--only", "music", "--out", tone / "below")
    assert done.returncode == 2
    assert str(tone) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_that_cannot_be_written_is_said_of_its_file(edm, tone, tmp_path):
    long = tone.rename(tmp_path / f"{'x' * 250}.wav")  # with .json behind it, longer than names may be
    done = edm("analyze", long, "--only", "music", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert str(long) in line
    assert "--out" in line


def test_a_log_that_cannot_be_written_is_said(edm, tone):
    done = edm("analyze", tone, EDM_LOG_FILE=str(tone / "log"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "EDM_LOG_FILE" in done.stderr


# --- being stopped ---------------------------------------------------------------------------------


def children(pid):
    """Return the processes below a process."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    below = {pid}
    for _ in range(4):
        below |= {child for child, parent in pairs if parent in below}
    return below - {pid}


def _lives(pid):
    with suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty for one that only waits to be noted
    return False


@pytest.fixture
def long_files(tmp_path):
    """Return two files that take some seconds to decode."""
    paths = [tmp_path / f"{number}.wav" for number in range(2)]
    for number, path in enumerate(paths):
        silence = np.zeros((1_200 * 8_000, 2), np.int16)
        silence[0] = number + 1
        soundfile.write(path, silence, 8_000)
    return paths


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_stopped_leaves_nothing_behind(long_files, tmp_path, workers, number, status):
    data = tmp_path / "data"
    running = subprocess.Popen(
        [sys.executable, "-c", "from edm_core.cli import run; run()", "analyze", *long_files,
         "--only", "music", "--workers", str(workers)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "EDM_DATA_DIR": str(data)},
        # What runs in the background inherits an ignored SIGINT, and the tests may run there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        below: set[int] = set()
        while not (below and len(list(data.glob("cache/*/.draft-*/mel"))) == workers):
            assert time.monotonic() < until
            time.sleep(0.01)
            below = children(running.pid)
        os.killpg(running.pid, number)  # as a terminal does
        _, said = running.communicate(timeout=30)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == status
    assert said.split() == (["edm:", "stopped"] if number == signal.SIGINT else [])
    assert not list(data.glob("cache/*/.draft-*"))
    until = time.monotonic() + 10  # what the pools share ends when it notices that it is alone
    while left := [pid for pid in below if _lives(pid)]:
        assert time.monotonic() < until, left
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_dies_fails_its_own_file_and_no_other(tmp_path, tone, long_files, number):
    """The first file is still at work when the process of the second one dies."""
    running = subprocess.Popen(
        [sys.executable, "-c", "from edm_core.cli import run; run()", "analyze", long_files[0], long_files[1],
         tone, "--only", "music", "--workers", "2", "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "EDM_DATA_DIR": str(tmp_path / "data")},
    )  # fmt: skip
    opener = None
    until = time.monotonic() + 60
    while opener is None and time.monotonic() < until:
        time.sleep(0.01)
        for pid in children(running.pid):
            with suppress(OSError):
                links = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                if str(long_files[1]) in links and b"spawn_main" in command:
                    opener = pid
    assert opener is not None
    os.kill(opener, number)
    shown, said = running.communicate(timeout=120)
    assert running.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith(f"edm: {long_files[1]}: the process that analysed it died")
    assert {json.loads(line)["recording"]["path"] for line in shown.splitlines()} == {
        str(long_files[0]),
        str(tone),
    }


@pytest.mark.parametrize("command", ["analyze", "transcribe", "app", "doctor"])
def test_help_has_an_example(edm, command):
    text = edm(command, "--help").stdout
    assert "Example" in text
    assert f"edm {command}" in text
