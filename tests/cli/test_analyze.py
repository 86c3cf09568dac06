import csv
import io
import json
import shutil
import zipfile

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
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"edm: {below}")
    assert "EDM_DATA_DIR" in line


@pytest.mark.parametrize("command", ["analyze", "transcribe", "app", "doctor"])
def test_help_has_an_example(edm, command):
    text = edm(command, "--help").stdout
    assert "Example" in text
    assert f"edm {command}" in text
