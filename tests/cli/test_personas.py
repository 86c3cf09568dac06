import json
import os
from io import BytesIO

import numpy as np
import soundfile

from edm_core.content import describe
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.timeline import Layer, Passage, Recording, Section, Timeline

FIVE = {"genz", "advertiser", "business_owner", "stay_at_home_mum", "tradies"}


def test_list(edm):
    rows = json.loads(edm("personas", "list", "--format", "json").stdout)
    assert {row["id"] for row in rows} >= FIVE
    assert all(row["emoji"] and row["description"] for row in rows)
    assert "Gen Z" in edm("personas", "list").stdout


def test_show(edm):
    (persona,) = json.loads(edm("personas", "show", "genz", "--format", "json").stdout)
    assert persona["name"] == "Gen Z"
    assert "Gen Z" in edm("personas", "show", "genz").stdout


def test_try_is_deterministic_and_explains_itself(edm):
    arguments = (
        "personas",
        "try",
        "tradies",
        "--text",
        "The footy is on at three and the sun is out.",
        "--format",
        "json",
    )
    first, second = edm(*arguments), edm(*arguments)
    assert first.stdout == second.stdout
    (reaction,) = json.loads(first.stdout)
    assert reaction["status"] == "ok"
    assert 1 <= reaction["score"] <= 5
    assert reaction["rationale"]
    assert reaction["calibrated"] is False


def test_validate(edm, tmp_path):
    assert edm("personas", "validate").returncode == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: wrong\nname: [")
    done = edm("personas", "validate", wrong)
    assert done.returncode == 1
    assert "wrong.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_reads_plain_files_only(edm, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    done = edm("personas", "validate", "/dev/zero", tmp_path / "pipe.yaml", tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 3)


def test_unknown_and_empty(edm):
    unknown = edm("personas", "show", "nobody")
    assert (unknown.returncode, "genz" in unknown.stderr) == (2, True)
    assert edm("personas", "try", "genz", "--text", " ").returncode == 2


def test_a_wrong_file_of_the_users_is_told_of_and_the_rest_is_listed(edm, tmp_path):
    own = tmp_path / "personas"
    own.mkdir()
    (own / "mine.yaml").write_text("id: mine\nname: [")
    done = edm("personas", "list", "--format", "json", EDM_DATA_DIR=str(tmp_path))
    assert (done.returncode, "mine.yaml" in done.stderr) == (1, True)
    assert {row["id"] for row in json.loads(done.stdout)} >= FIVE


def test_try_wants_one_thing_to_hear(edm, tmp_path):
    assert edm("personas", "try", "genz").returncode == 2
    assert edm("personas", "try", "genz", "--text", "a", "--recording", "b").returncode == 2
    assert edm("personas", "try", "genz", "--recording", "b").returncode == 2
    done = edm("personas", "try", "genz", "--recording", "b", "--passage", "1", EDM_DATA_DIR=str(tmp_path))
    assert (done.returncode, "no such recording" in done.stderr) == (1, True)


def test_a_passage_of_the_library_is_tried(edm, tmp_path):
    library = Library(Settings(data_dir=tmp_path))
    file = BytesIO()
    soundfile.write(file, np.zeros(22_050), 22_050, format="WAV")
    file.seek(0)
    entry = library.add_upload("show.wav", file)
    words = "The footy is on at three and the sun is out."
    passages = describe([Passage(0.0, 0.5, text=words)])
    recording = Recording(entry.id, 1.0, 22_050, 1)
    sections = (Section(0.0, 1.0, "drop"),)
    library.save_timeline(
        Timeline(
            recording, (Layer("passages", "model:a@1", passages), Layer("sections", "model:b@1", sections))
        )
    )
    told = ("personas", "try", "tradies", "--recording", "show", "--format", "json")
    done = edm(*told, "--passage", "1", EDM_DATA_DIR=str(tmp_path))
    (row,) = json.loads(done.stdout)
    assert (row["persona"], row["status"]) == ("tradies", "ok")
    alike = json.loads(edm("personas", "try", "tradies", "--text", words, "--format", "json").stdout)[0]
    assert row["opinion"] == alike["opinion"]
    beyond = edm(*told, "--passage", "2", EDM_DATA_DIR=str(tmp_path))
    assert (beyond.returncode, "there are 1" in beyond.stderr) == (1, True)
    music = edm(*told, "--section", "1", EDM_DATA_DIR=str(tmp_path))
    assert json.loads(music.stdout)[0]["scorer"]
