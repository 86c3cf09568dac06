import json


def test_formats(edm, demo):
    show = demo / "radio_show.ogg"
    srt = edm("transcribe", show, "--format", "srt")
    assert srt.returncode == 0, srt.stderr
    assert srt.stdout.startswith("1\n00:00:0")
    assert " --> " in srt.stdout
    assert edm("transcribe", show, "--format", "vtt").stdout.startswith("WEBVTT\n")
    text = edm("transcribe", show).stdout
    assert "weather" in text.lower()
    document = json.loads(edm("transcribe", show, "--format", "json").stdout)
    assert document["passages"][0]["language"] == "en"
    assert {"no_speech", "log_probability", "text"} <= set(document["utterances"][0])
    words = document["words"]
    assert all(a["start"] <= b["start"] for a, b in zip(words, words[1:], strict=False))


def test_music_gives_an_empty_transcript(edm, demo):
    done = edm("transcribe", demo / "edm_track.mp3", "--format", "txt")
    assert (done.returncode, done.stdout) == (0, "")


def test_passages_are_as_long_as_wanted(edm, demo):
    show = demo / "radio_show.ogg"
    short, long = (edm("transcribe", show, "--passage-seconds", seconds).stdout for seconds in ("5", "60"))
    assert short.count("\n") > long.count("\n")
    assert short.split() == long.split()


def test_a_server_must_be_named(edm, demo):
    done = edm("transcribe", demo / "radio_show.ogg", "--engine", "server")
    assert done.returncode == 1
    assert "EDM_WHISPER_BASE_URL" in done.stderr


def test_unknown_engines_and_models_are_said(edm, demo):
    for option in ("--engine", "--model"):
        done = edm("transcribe", demo / "radio_show.ogg", option, "nonesuch")
        assert done.returncode == 1
        assert "nonesuch" in done.stderr
        assert "Traceback" not in done.stderr
