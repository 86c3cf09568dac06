import json


def test_all_is_well_here(edm):
    done = edm("doctor", "--format", "json")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {"codec mp3", "codec opus", "model whisper-base", "model silero-vad", "data folder"} <= set(checks)
    assert {"database", "queue", "recordings", "API keys"} <= set(checks)
    assert "127 kB" in checks["model pulse"]["seen"]
    assert not [row for row in checks.values() if row["status"] == "failed"]


def test_what_does_not_work_comes_with_its_remedy(edm, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = edm(
        "doctor",
        "--format",
        "json",
        EDM_DATA_DIR=str(blocked / "below"),
        EDM_AUDIO_DIR=str(tmp_path / "none"),
    )
    assert done.returncode == 1
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert checks["data folder"]["status"] == "failed"
    assert "EDM_DATA_DIR" in checks["data folder"]["remedy"]


def test_a_server_that_does_not_answer_is_found(edm):
    done = edm("doctor", "--format", "json", EDM_LLM_BASE_URL="http://127.0.0.1:9/v1", EDM_LLM_MODEL="m")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert "speech server" not in checks
    assert checks["language model"]["status"] == "failed"
    assert "start the server" in checks["language model"]["remedy"]


def test_a_langflow_server_that_does_not_answer_is_found(edm):
    done = edm("doctor", "--format", "json", EDM_LANGFLOW_BASE_URL="http://127.0.0.1:9")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert "EDM_LANGFLOW_BASE_URL" in checks["Langflow"]["remedy"]


def test_a_queue_that_does_not_answer_is_found_without_its_password(edm):
    done = edm("doctor", "--format", "json", EDM_QUEUE_URL="redis://:sesame@127.0.0.1:9/0")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert checks["queue"]["status"] == "failed"
    assert "sesame" not in done.stdout + done.stderr
