"""The engines on real speech: the packaged weights in each, and a server on loopback around one of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from edm_core.errors import ModelError
from edm_core.models import whisper
from edm_core.settings import Settings
from edm_core.timeline import Recording
from edm_core.transcription import Heard, HeardWord, Options, load_engine, transcribe
from edm_core.transcription.faster_whisper_engine import FasterWhisper

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def talk():
    samples, _ = soundfile.read(DATA / "talk.opus", dtype="int16")
    return SimpleNamespace(recording=Recording("sha256:00", len(samples) / 16_000, 16_000, 1), speech=samples)


@pytest.fixture(scope="module")
def sounds(talk):
    """Two stretches of speech, as an engine is given them."""
    samples = talk.speech.astype(np.float32) / np.float32(32768.0)
    return [samples[12_000:126_000], samples[184_000:264_000]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data_dir=tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def quick(settings):
    return load_engine("faster-whisper", "base", settings)


def texts(found):
    return ["".join(word.text for heard in each for word in heard.words).strip() for each in found]


def check_types(found):
    for each in found:
        assert isinstance(each, tuple) and all(isinstance(heard, Heard) for heard in each)
        for heard in each:
            assert all(isinstance(word, HeardWord) and word.text.startswith(" ") for word in heard.words)
            assert all(type(v) in (float, type(None)) for v in (heard.no_speech, heard.log_probability))
            assert all(0 <= word.start <= word.end <= 30 for word in heard.words)


def test_the_quick_engine_hears_each_sound(quick, sounds):
    found = list(quick.recognise(iter(sounds), Options("en")))
    check_types(found)
    assert [text.split()[0] for text in texts(found)] == ["Good", "Sunday"]
    assert all(
        heard.no_speech < 0.5 and -1.0 < heard.log_probability < 0.0 for each in found for heard in each
    )
    assert max(quick.detect_language(sounds[0]).items(), key=lambda item: item[1])[0] == "en"


def test_more_at_a_time_changes_nothing(settings, quick, sounds):
    alone = FasterWhisper(whisper("base", settings=settings), workers=1)
    many = sounds * 3
    assert list(alone.recognise(many, Options("en"))) == list(quick.recognise(many, Options("en")))


def test_recordings_at_a_time_change_nothing(settings, sounds):
    """Several jobs of one process ask the same model, which one of them has loaded."""

    def heard(sound):
        engine = load_engine("faster-whisper", "base", settings)
        language = max(engine.detect_language(sound).items(), key=lambda item: item[1])[0]
        return engine, language, list(engine.recognise([sound], Options(language)))

    many = [sounds[0], sounds[1], sounds[0][:60_000], sounds[1][16_000:]]
    with ThreadPoolExecutor(len(many)) as threads:
        together = list(threads.map(heard, many))
    assert len({id(engine) for engine, *_ in together}) == 1
    assert together == [heard(sound) for sound in many]


def test_sounds_are_taken_as_they_are_needed(quick, sounds):
    """Ten hours of speech are never in memory at once."""
    taken = []

    def source():
        for index in range(50):
            taken.append(index)
            yield np.zeros(1600, np.float32) if index else sounds[1]

    stream = quick.recognise(source(), Options("en", beam=1))
    next(stream)
    stream.close()
    assert len(taken) <= 6


def test_silence_says_nothing(quick):
    found = texts(quick.recognise([np.zeros(32_000, np.float32), np.zeros(160, np.float32)], Options("en")))
    assert all(len(text.split()) <= 2 for text in found)


def test_a_prompt_changes_the_spelling(quick, sounds):
    plain, told = (
        texts(quick.recognise(sounds[:1], Options("en", prompt=prompt)))[0] for prompt in ("", "WEATHER")
    )
    assert plain.casefold().replace(",", "") != "" and told.casefold() != ""
    assert "weather" in told.casefold()


@pytest.fixture
def server(quick):
    """A speech server of our own on loopback: the quick engine behind the protocol of OpenAI."""
    import io
    import time

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    asked = []

    async def answer(request: Request) -> JSONResponse:
        form = await request.form()
        asked.append({name: value for name, value in form.multi_items() if isinstance(value, str)})
        samples, rate = soundfile.read(io.BytesIO(await form["file"].read()), dtype="float32")
        assert rate == 16_000
        (heard,) = quick.recognise([samples], Options(str(form.get("language", "en"))))
        words = [{"word": w.text, "start": w.start, "end": w.end} for each in heard for w in each.words]
        segments = [
            {
                "id": i, "start": each.words[0].start, "end": each.words[-1].end, "text": "", "seek": 0, "tokens": [],
                "avg_logprob": each.log_probability, "no_speech_prob": each.no_speech, "temperature": 0.0,
                "compression_ratio": 1.0,
            }
            for i, each in enumerate(heard)
        ]  # fmt: skip
        text = "".join(word["word"] for word in words)
        return JSONResponse(
            {"text": text, "language": "english", "duration": 1.0, "words": words, "segments": segments}
        )

    app = Starlette(routes=[Route("/v1/audio/transcriptions", answer, methods=["POST"])])
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=running.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield SimpleNamespace(url=f"http://127.0.0.1:{port}/v1", asked=asked)
    running.should_exit = True
    thread.join()


def test_a_server_gives_the_same_words(server, settings, quick, talk):
    there = Settings(data_dir=settings.data_dir, whisper_base_url=server.url)
    remote = transcribe(talk, engine="server", model="whisper-1", settings=there)
    local = transcribe(talk, engine=quick)
    check_types(
        load_engine("server", "whisper-1", there).recognise(
            [talk.speech[12_000:126_000] / np.float32(32768)], Options("en")
        )
    )
    assert [(w.start, w.end, w.text) for w in remote.words] == [(w.start, w.end, w.text) for w in local.words]
    assert (remote.language, remote.language_confidence) == ("en", None)
    assert {"model": "whisper-1", "response_format": "verbose_json"}.items() <= server.asked[0].items()
    assert "language" not in server.asked[0] and server.asked[-1]["language"] == "en"


def test_a_dead_server_is_an_error_and_no_text(talk, settings):
    there = Settings(data_dir=settings.data_dir, whisper_base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match="cannot be reached"):
        transcribe(talk, engine="server", model="whisper-1", language="en", settings=there)


@pytest.mark.research
def test_the_reference_hears_the_same(settings, quick, sounds):
    """OpenAI's package on the same weights, converted."""
    reference = load_engine("openai-whisper", "base", settings)
    found = list(reference.recognise(sounds, Options("en")))
    check_types(found)
    ours = texts(quick.recognise(sounds, Options("en")))
    theirs = texts(found)
    for mine, other in zip(ours, theirs, strict=True):
        same = set(mine.casefold().split()) & set(other.casefold().split())
        assert len(same) >= 0.8 * len(set(other.casefold().split()))
    for mine, other in zip(quick.recognise(sounds, Options("en")), found, strict=True):
        assert mine[0].words[0].start == pytest.approx(other[0].words[0].start, abs=0.3)
    assert set(reference.languages) >= {"en", "de", "it"}
    assert max(reference.detect_language(sounds[0]).items(), key=lambda item: item[1])[0] == "en"


@pytest.mark.research
def test_the_reference_listens_to_one_at_a_time(settings, sounds):
    """Its package keeps what it decodes with in the model: two threads would hear each other's sounds."""
    reference = load_engine("openai-whisper", "base", settings)

    def heard(sound):
        return list(reference.recognise([sound], Options("en", beam=1)))

    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(heard, sounds))
    assert together == [heard(sound) for sound in sounds]
