"""The pages as scripts, without a browser: what they show of a library in every state."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.cache import Cache
from edm_core.jobs import Job
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.timeline import Key, Layer, Passage, Problem, Section, Span, Tempo, Timeline, Word

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench whose queue is not started: what is submitted stays waiting."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


def tone(hertz: float = 440.0) -> BytesIO:
    file = BytesIO()
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * hertz * np.arange(88_200) / 44_100), 44_100, format="WAV")
    file.seek(0)
    return file


def analysed(bench: Workbench, name: str = "tone.wav", *, problems: tuple[Problem, ...] = ()) -> Entry:
    from edm_core.audio import load

    entry = bench.library.add_upload(name, tone(440.0 + len(name)))
    sound = load(bench.library.source(entry), settings=bench.settings, cache=Cache.of(bench.settings))
    end = sound.recording.duration
    layers = (
        Layer("activity", "model:activity@1", (Span(0.0, end, "music"),)),
        Layer("tempo", "model:tempo@1", (Tempo(0.0, end, bpm=128.0),)),
        Layer("key", "model:key@1", (Key(0.0, end, name="A minor", camelot="8A"),)),
        Layer("sections", "model:sections@1", (Section(0.0, 1.0, "intro"), Section(1.0, end, "drop"))),
    )
    saved = bench.library.save_timeline(Timeline(sound.recording, layers, problems), outline_of(sound.peaks))
    assert saved is not None
    return saved


def page(url: str = "", **query: str) -> AppTest:
    app = AppTest.from_file(NAVIGATION, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    if url:
        app.switch_page(str(NAVIGATION.parent / f"{url}.py"))
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def links_of(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def test_an_empty_library_teaches_the_next_step(bench: Workbench) -> None:
    app = page()
    assert "Add your first recording" in text_of(app)
    assert app.get("file_uploader") and app.text_input(key="folder")


def test_a_card_shows_title_length_and_chips(bench: Workbench) -> None:
    analysed(bench, "night.wav")
    app = page()
    assert links_of(app) == ["night\\.wav"]
    for text in ("0:02", "128 BPM", "8A", "data:image/svg+xml"):
        assert text in text_of(app)


def test_search_narrows_and_says_so(bench: Workbench) -> None:
    analysed(bench, "night.wav")
    analysed(bench, "morning.wav")
    app = page()
    assert len(links_of(app)) == 2
    app.text_input(key="search").set_value("night").run()
    assert links_of(app) == ["night\\.wav"]
    app.text_input(key="search").set_value("nothing of the kind").run()
    assert links_of(app) == [] and "Nothing matches" in text_of(app)


def test_waiting_failing_and_stopping_are_told(bench: Workbench) -> None:
    entry = bench.library.add_upload("tone.wav", tone())
    app = page()
    assert app.get("progress")[0].proto.text == "Waiting for its turn"
    bench.library.set_status(entry.id, "failed", "it is <b>damaged</b>")
    app = page()
    assert "Not analysed" in text_of(app) and "it is &lt;b&gt;damaged&lt;/b&gt;" in text_of(app)
    app.button(key=f"again-{entry.digest[:16]}").click().run()
    (job,) = bench.queue.jobs()
    assert (job.key, job.state) == (entry.id, "queued") and bench.library.get(entry.id).status == "queued"
    app.menu_button(key=f"do-{entry.digest[:16]}").click("stop").run()
    assert bench.library.get(entry.id).status == "cancelled" and "Stopped" in text_of(app)
    app.menu_button(key=f"do-{entry.digest[:16]}").click("remove").run()
    assert bench.library.list() == () and "Add your first recording" in text_of(app)


def test_progress_shows_stage_share_and_time_left(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = bench.library.add_upload("tone.wav", tone())
    running = Job("1", "analyze", entry.id, state="running", stage="beats", share=0.4, remaining=12.0)
    monkeypatch.setattr(bench, "job", lambda entry: running)
    progress = page().get("progress")[0].proto
    assert (progress.text, progress.value) == ("Finding the beat · 40% · about 15 s left", 40)


def test_a_folder_is_added_with_its_refusals(bench: Workbench, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "good.wav").write_bytes(tone().read())
    (music / "bad.mp3").write_text("just text")
    app = page()
    app.text_input(key="folder").set_value(str(music)).run()
    assert [entry.name for entry in bench.library.list()] == ["good.wav"]
    assert "bad" in app.warning[0].value and "not sound" in app.warning[0].value
    assert [job.key for job in bench.queue.jobs()] == [bench.library.list()[0].id]


def test_a_folder_that_is_none_is_refused(bench: Workbench, tmp_path: Path) -> None:
    app = page()
    app.text_input(key="folder").set_value(str(tmp_path / "missing")).run()
    assert "not a folder" in app.warning[0].value


def test_the_folder_of_the_settings_is_offered(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "good.wav").write_bytes(tone().read())
    bench = open_workbench(Settings(data_dir=tmp_path / "data", audio_dir=music))
    page().button(key="audio-dir").click().run()
    assert [entry.name for entry in bench.library.list()] == ["good.wav"]


def test_listen_mounts_the_player_with_its_addresses(bench: Workbench) -> None:
    entry = analysed(bench, problems=(Problem("words", "no weights"),))
    app = page("listen", recording=entry.digest[:12], t="0:01.5")
    props = json.loads(app.get("bidi_component")[0].proto.json)
    assert f"/api/v1/recordings/{entry.digest}/audio" in json.dumps(props)
    assert props["at"] == 1.5
    assert "words" in app.warning[0].value and "no weights" in app.warning[0].value


def test_the_transcript_is_offered_as_files_once_something_was_said(bench: Workbench) -> None:
    silent = analysed(bench)
    assert page("listen", recording=silent.digest[:12]).get("download_button") == []
    timeline = bench.library.timeline(silent.id)
    assert timeline is not None
    words = (Word(0.1, 0.4, text="Hello.", probability=0.9),)
    spoken = timeline.with_layer(Layer("words", "model:words@1", words))
    for each, files in (
        (spoken, ["SRT", "WebVTT", "TXT", "JSON"]),
        (timeline, ["TXT", "JSON"]),  # subtitles are cut from words
    ):
        said = Layer("passages", "model:words@1", (Passage(0.1, 0.5, text="Hello."),))
        bench.library.save_timeline(each.with_layer(said))
        app = page("listen", recording=silent.digest[:12])
        assert [button.proto.label for button in app.get("download_button")] == files


def test_listen_opens_the_newest_analysis_by_itself(bench: Workbench) -> None:
    entry = analysed(bench)
    bench.library.add_upload("later.wav", tone(300.0))
    assert entry.digest in page("listen").get("bidi_component")[0].proto.json


def test_listen_shows_a_timeline_whose_file_has_gone(bench: Workbench) -> None:
    entry = analysed(bench)
    bench.library.source(entry).unlink()
    app = page("listen", recording=entry.digest[:12])
    assert "cannot be played" in app.error[0].value and app.get("bidi_component")


def test_listen_waits_for_an_analysis(bench: Workbench) -> None:
    entry = bench.library.add_upload("tone.wav", tone())
    app = page("listen", recording=entry.digest[:12])
    assert "being analysed" in text_of(app) and app.get("progress")


@pytest.mark.parametrize("recording", ["ffffffffffff", "../../etc", "<script>"])
def test_listen_does_not_know_every_recording(bench: Workbench, recording: str) -> None:
    app = page("listen", recording=recording)
    assert "not in the library" in text_of(app) and links_of(app) == ["Open the library"]


def test_listen_of_an_empty_library_teaches(bench: Workbench) -> None:
    assert "Nothing to listen to yet" in text_of(page("listen"))
