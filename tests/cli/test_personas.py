import json
import os

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
