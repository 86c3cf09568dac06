import json
import shutil
import threading
from dataclasses import replace

import pytest

import edm_core
from edm_core import analysis
from edm_core.analysis import STAGES, analyze
from edm_core.errors import AudioError, Cancelled, LimitError, ModelError, SettingsError
from edm_core.joining import can_be_heard
from edm_core.personas import load_personas, own_folder
from edm_core.progress import Progress
from edm_core.settings import Settings
from edm_core.timeline import Judgement, Passage, Section, Timeline, Utterance, Word
from edm_core.transcription import ENGINES, Heard, HeardWord, Transcript

WORDS = (Word(1.0, 1.4, text="Good", probability=0.9), Word(1.4, 2.0, text="morning.", probability=0.8))
UTTERANCES = (Utterance(1.0, 2.0, text="Good morning.", language="en", no_speech=0.01),)
PASSAGES = (Passage(1.0, 2.0, confidence=0.85, text="Good morning.", language="en", words=WORDS),)
TRANSCRIPT = Transcript(WORDS, PASSAGES, "en", utterances=UTTERANCES)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def track(demo):
    return analyze(demo / "edm_track.mp3")


@pytest.fixture(scope="session")
def show(demo):
    return analyze(demo / "radio_show.ogg")


def test_a_track_has_all_that_music_has(track, demo):
    truth = json.loads((demo / "edm_track.truth.json").read_text())
    assert track.problems == ()
    assert track.tempo.bpm == pytest.approx(truth["tempo"]["bpm"], abs=0.05)
    assert len(track.beats) == pytest.approx(len(truth["beats"]), abs=12)
    assert {"drop", "breakdown"} <= {section.label for section in track.sections}
    drops = [event.time for event in track.events]
    for section in truth["sections"]:
        if section["label"] == "drop":
            assert min(abs(time - section["start"]) for time in drops) < 2.0
    assert track.key is not None


def test_a_show_has_all_that_speech_has(show, demo):
    truth = json.loads((demo / "radio_show.truth.json").read_text())
    assert show.problems == ()
    said = {word.strip(".,?!").lower() for word in truth["transcript"].split()}
    heard = {word.text.strip(" .,?!").lower() for word in show.words}
    assert len(said & heard) / len(said) > 0.7
    assert all(passage.topic.status in ("ok", "abstained") for passage in show.passages)
    assert "Weather & Climate" in {passage.topic.label for passage in show.passages}
    assert {reaction.persona for reaction in show.reactions} == set(load_personas())
    speech, music = (
        [one for one in load_personas().values() if one.hears(kind)] for kind in ("passage", "section")
    )
    heard = [section for section in show.sections if can_be_heard(section)]
    assert len(show.reactions) == len(speech) * len(show.passages) + len(music) * len(heard)


def test_nothing_is_made_up(track, show):
    """A track without speech has no words and no reactions to any, and the record says why."""
    assert track.words == track.passages == ()
    assert {reaction.target.kind for reaction in track.reactions} == {"section"}
    record = track.provenance.stages["words"]
    assert (record.status, record.reason) == ("abstained", "no speech")
    assert all(reaction.score is None for reaction in show.reactions if reaction.status != "ok")


def test_timelines_survive_json(track, show):
    for timeline in (track, show):
        assert Timeline.from_json(timeline.to_json()) == timeline


def test_every_stage_and_layer_says_where_it_is_from(show):
    assert set(show.provenance.stages) == {"audio", *(stage.name for stage in STAGES)}
    assert show.provenance.edm_core == edm_core.__version__
    assert all(layer.source.startswith("model:") and "@" in layer.source for layer in show.layers)


def test_a_second_run_computes_nothing_and_is_the_same(demo, settings):
    first = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC)
    second = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC)
    assert not any(record.cached for record in first.provenance.stages.values())
    assert all(record.cached for record in second.provenance.stages.values())
    assert second.layers == first.layers


def test_a_new_version_of_a_stage_computes_it_and_what_needs_it(demo, settings, monkeypatch):
    analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC)
    monkeypatch.setattr("edm_core.segmentation.beats.VERSION", "next")
    stages = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC).provenance.stages
    assert {name for name, record in stages.items() if not record.cached} == {"beats", "sections", "personas"}


@pytest.mark.parametrize("left", ['{"items": {"key": [{"start"', "null", '{"items": []}'])
def test_damaged_cache_entries_are_computed_anew(demo, settings, left):
    first = analyze(demo / "edm_track.mp3", settings=settings, stages=["key"])
    for file in (settings.data_dir / "cache").rglob("found.json"):
        file.write_text(left)
    second = analyze(demo / "edm_track.mp3", settings=settings, stages=["key"])
    assert second.key == first.key
    assert not second.provenance.stages["key"].cached


def test_stages_bring_what_they_need(demo, settings):
    timeline = analyze(demo / "edm_track.mp3", settings=settings, stages=["sections"])
    assert set(timeline.provenance.stages) == {"audio", "activity", "beats", "sections"}
    assert timeline.key is None


def test_a_stage_that_fails_takes_down_only_what_needs_it(demo, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise ModelError("its checksum is wrong", subject="model.bin", remedy="install it again")

    monkeypatch.setattr("edm_core.transcription.transcribe", broken)
    timeline = analyze(demo / "radio_show.ogg", settings=settings)
    assert [problem.stage for problem in timeline.problems] == ["words"]
    assert timeline.problems[0].error == "model.bin: its checksum is wrong; install it again"
    assert timeline.activity
    status = {name: record.status for name, record in timeline.provenance.stages.items()}
    assert (status["words"], status["content"]) == ("failed",) * 2
    assert status["beats"] != "failed"
    assert timeline.reactions == ()  # nothing of the show's music has a form
    alone = analyze(demo / "radio_show.ogg", settings=settings, stages=analysis.SPEECH)
    record = alone.provenance.stages["personas"]
    assert record.status == "failed" and record.reason == "it needs content, which failed"
    monkeypatch.setattr("edm_core.transcription.transcribe", lambda *args, **kwargs: TRANSCRIPT)
    again = analyze(demo / "radio_show.ogg", settings=settings, stages=["words"])
    assert again.words == TRANSCRIPT.words  # failures are not cached


def test_items_that_break_the_data_model_are_a_failure_of_their_stage(demo, settings, monkeypatch):
    track = demo / "edm_track.mp3"
    halves = (Section(0.0, 10.0, "intro"), Section(20.0, 30.0, "drop"))  # they do not tile
    with monkeypatch.context() as patch:
        patch.setattr("edm_core.segmentation.find_sections", lambda *args, **kwargs: halves)
        timeline = analyze(track, settings=settings, stages=["sections"])
    assert [problem.stage for problem in timeline.problems] == ["sections"]
    assert timeline.beats
    assert analyze(track, settings=settings, stages=["sections"]).sections  # and they are not kept


def test_a_broken_label_file_leaves_the_words(demo, settings, monkeypatch):
    def broken():
        raise SettingsError("labels is not a list", subject="topics.yaml", remedy="correct it there")

    monkeypatch.setattr("edm_core.content.labels_version", broken)
    monkeypatch.setattr("edm_core.transcription.transcribe", lambda *args, **kwargs: TRANSCRIPT)
    timeline = analyze(demo / "radio_show.ogg", settings=settings, stages=["content"])
    assert [problem.stage for problem in timeline.problems] == ["content"]
    assert timeline.words == TRANSCRIPT.words


def test_replaced_weights_and_label_files_are_noticed_and_named(demo, settings, monkeypatch):
    monkeypatch.setattr("edm_core.transcription.transcribe", lambda *args, **kwargs: TRANSCRIPT)
    folder = settings.data_dir / "my-whisper"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"first")
    chosen = replace(settings, whisper_model=str(folder))
    first = analyze(demo / "radio_show.ogg", settings=chosen, stages=["words"]).provenance.stages["words"]
    assert (
        analyze(demo / "radio_show.ogg", settings=chosen, stages=["words"]).provenance.stages["words"].cached
    )
    (folder / "model.bin").write_bytes(b"second")
    second = analyze(demo / "radio_show.ogg", settings=chosen, stages=["words"]).provenance.stages["words"]
    assert not second.cached
    assert first.parameters["model"] == second.parameters["model"] == str(folder)
    assert first.parameters["weights"] != second.parameters["weights"]


def test_faults_of_ours_do_not_stop_the_rest_either(demo, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("edm_core.segmentation.find_key", broken)
    timeline = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC)
    assert timeline.problems[0].error == "ZeroDivisionError: division by zero"
    assert timeline.sections


def test_what_was_said_stands_without_its_content(demo, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise ModelError("no model", subject="minilm")

    monkeypatch.setattr("edm_core.transcription.transcribe", lambda *args, **kwargs: TRANSCRIPT)
    monkeypatch.setattr("edm_core.content.describe", broken)
    timeline = analyze(demo / "radio_show.ogg", settings=settings)
    assert timeline.passages == PASSAGES
    assert timeline.utterances == UTTERANCES
    assert timeline.passages[0].topic.status == "pending"


def test_progress_rises_to_one_and_names_stages(demo, settings):
    steps: list[Progress] = []
    analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC, progress=steps.append)
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert list(dict.fromkeys(step.stage for step in steps)) == [
        "audio",
        *analysis.MUSIC,
        "done",
    ]


def test_what_progress_raises_stops_and_the_next_call_resumes(demo, settings):
    def stop(step):
        if step.stage == "sections":
            raise Cancelled("stopped", subject="edm_track.mp3")

    with pytest.raises(Cancelled):
        analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC, progress=stop)
    stages = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC).provenance.stages
    assert stages["beats"].cached
    assert not stages["sections"].cached


def test_same_content_under_another_name_is_known(demo, settings, tmp_path):
    analyze(demo / "edm_track.mp3", settings=settings, stages=["key"])
    shutil.copy(demo / "edm_track.mp3", tmp_path / "other.mp3")
    timeline = analyze(tmp_path / "other.mp3", settings=settings, stages=["key"])
    assert timeline.provenance.stages["key"].cached
    assert timeline.recording.path.endswith("other.mp3")


def test_personas_can_be_chosen(demo):
    timeline = analyze(demo / "radio_show.ogg", personas=["tradies"])
    assert {reaction.persona for reaction in timeline.reactions} == {"tradies"}
    assert all(reaction.time and reaction.persona_version for reaction in timeline.reactions)


def test_a_persona_file_that_is_wrong_is_told_and_the_rest_react(demo, tmp_path):
    settings = Settings(data_dir=tmp_path)
    own_folder(settings).mkdir()
    (own_folder(settings) / "bad.yaml").write_text("id: [")
    timeline = analyze(demo / "edm_track.mp3", settings=settings, stages=analysis.MUSIC)
    assert [problem.stage for problem in timeline.problems] == ["personas"]
    assert "bad.yaml" in timeline.problems[0].error and timeline.reactions


@pytest.mark.parametrize("options", [{"stages": ["chorus"]}, {"personas": ["nobody"]}])
def test_unknown_names_list_the_known(demo, settings, options):
    with pytest.raises(SettingsError, match=r"; use\b"):
        analyze(demo / "edm_track.mp3", settings=settings, **options)


def test_files_that_are_no_sound_raise(tmp_path, settings):
    with pytest.raises(AudioError, match=r"missing\.mp3"):
        analyze(tmp_path / "missing.mp3", settings=settings)


def test_limits_hold(demo, tmp_path):
    with pytest.raises(LimitError):
        analyze(demo / "edm_track.mp3", settings=Settings(data_dir=tmp_path, max_duration_s=10))


def test_two_analyses_at_once_agree(demo, settings):
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                analyze(demo / "edm_track.mp3", settings=settings, stages=["beats"])
            )
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results[0].beats == results[1].beats


def test_the_package_is_quick_to_import():
    import subprocess
    import sys

    code = "import time; t = time.perf_counter(); import edm_core; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.3


def test_a_transcription_that_was_stopped_goes_on(demo, settings, monkeypatch):
    """Ten hours of talk are not begun again: what was heard before the stop is taken from the cache."""
    given = []

    class Slow:
        languages = ("en",)

        def detect_language(self, samples):
            return {"en": 1.0}

        def recognise(self, sounds, options):
            for samples in sounds:
                given.append(len(samples))
                end = len(samples) / 16_000
                yield (Heard((HeardWord(0.3, end, f" word{len(samples)}", 0.9),), 0.0, -0.1, 0.0),)

    monkeypatch.setitem(ENGINES, "faster-whisper", lambda model, settings: Slow())
    shares = []

    def stop(step):
        shares.append((step.stage, step.share))
        if step.stage == "words" and len(given) >= 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        analyze(demo / "radio_show.ogg", settings=settings, stages=["words"], progress=stop)
    before = list(given)
    timeline = analyze(demo / "radio_show.ogg", settings=settings, stages=["words"])
    assert len(before) == 2 and given[:2] == before
    assert len(given) == len(timeline.words) > 2  # each chunk once
    assert timeline.passages and all(passage.topic.status == "pending" for passage in timeline.passages)
    assert timeline.utterances[0].log_probability == -0.1


def test_what_a_server_left_unanswered_is_asked_again(demo, settings, monkeypatch):
    """The rest of the timeline stands, the failure is said, and it is not kept."""
    answers = [
        Judgement("failed", reason="the server is down"),
        Judgement("ok", label="Sports", confidence=0.9),
    ]

    def describe(passages, **options):
        answer = answers.pop(0)
        return tuple(replace(passage, topic=answer) for passage in passages)

    monkeypatch.setattr("edm_core.transcription.transcribe", lambda *args, **kwargs: TRANSCRIPT)
    monkeypatch.setattr("edm_core.content.describe", describe)
    first, second = (
        analyze(demo / "radio_show.ogg", settings=settings, stages=["content"]) for _ in range(2)
    )
    assert [(problem.stage, problem.error) for problem in first.problems] == [
        ("content", "the server is down")
    ]
    assert first.passages[0].topic.status == "failed"
    assert second.problems == () and second.passages[0].topic.label == "Sports"
