import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edm_core.errors import Cancelled, ModelError
from edm_core.settings import Settings
from edm_core.timeline import Recording, Span
from edm_core.transcription import HeardWord, Utterance, transcribe

DATA = Path(__file__).parents[1] / "data"


def fake_sound(seconds):
    recording = Recording("sha256:00", seconds, 16_000, 1)
    return SimpleNamespace(recording=recording, speech=np.zeros(int(seconds * 16_000), np.int16))


class Says:
    """A recogniser that says the same utterances to every chunk, and remembers what it was given."""

    languages = ("en", "de")

    def __init__(self, *utterances):
        self.utterances, self.given = utterances, []

    def detect_language(self, samples):
        return {"en": 0.9, "de": 0.1}

    def recognise(self, samples, language):
        self.given.append(len(samples) / 16_000)
        return self.utterances


def said(*words, no_speech=0.0, log_probability=-0.2, compression=1.2, probability=0.9):
    heard = tuple(HeardWord(start, end, text, probability) for start, end, text in words)
    return Utterance(heard, no_speech, log_probability, compression)


SPEECH = (Span(0.0, 2.0, "silence"), Span(2.0, 6.0, "speech"), Span(6.0, 20.0, "music"))


def test_times_are_the_recordings():
    engine = Says(said((0.5, 0.9, " Good"), (0.9, 1.5, " morning.")))
    transcript = transcribe(fake_sound(20), SPEECH, engine=engine)
    assert [(w.start, w.end, w.text) for w in transcript.words] == [
        (2.25, 2.65, "Good"),
        (2.65, 3.25, "morning."),
    ]
    assert (transcript.language, transcript.language_confidence) == ("en", 0.9)
    assert [p.text for p in transcript.passages] == ["Good morning."]
    assert transcript.passages[0].topic.status == "pending"


def test_only_speech_is_given_to_the_recogniser():
    engine = Says()
    transcribe(fake_sound(20), SPEECH, engine=engine)
    assert engine.given == [pytest.approx(4.5)]


def test_no_speech_loads_no_model():
    calls = []
    transcript = transcribe(
        fake_sound(20),
        [Span(0.0, 20.0, "music")],
        engine="faster-whisper",
        model="no such",
        progress=calls.append,
    )
    assert transcript.words == transcript.passages == () and transcript.language is None
    assert calls == [1.0]


@pytest.mark.parametrize(
    ("utterance", "reason"),
    [
        (said((0.5, 1.0, " Thanks"), no_speech=0.9, log_probability=-1.0), "probably nothing was said"),
        (said((0.5, 1.0, " la"), compression=3.0), "the text repeats itself"),
        (said((0.5, 1.0, " mumble"), log_probability=-1.5), "the text is too improbable"),
        (said((0.5, 1.0, " mumble"), probability=0.1), "the words are too improbable"),
    ],
)
def test_unlikely_text_is_rejected_with_its_reason(utterance, reason):
    transcript = transcribe(fake_sound(20), SPEECH, engine=Says(utterance))
    assert transcript.words == ()
    assert [rejection.reason for rejection in transcript.rejected] == [reason]


def test_parts_of_words_are_joined_and_lone_marks_dropped():
    engine = Says(said((0.3, 0.6, " nell"), (0.6, 1.0, "'elenco"), (1.0, 1.2, " ."), (1.2, 1.5, " prego")))
    assert [w.text for w in transcribe(fake_sound(20), SPEECH, engine=engine).words] == [
        "nell'elenco",
        "prego",
    ]


def test_japanese_has_no_spaces():
    engine = Says(said((0.3, 0.6, "お"), (0.6, 1.0, "はよう")))
    engine.languages = ("ja",)
    (passage,) = transcribe(fake_sound(20), SPEECH, engine=engine, language="ja").passages
    assert (passage.text, passage.language, len(passage.words)) == ("おはよう", "ja", 2)


def test_progress_is_true_and_cancelling_stops():
    activity = [Span(0.0, 20.0, "speech"), Span(20.0, 40.0, "music"), Span(40.0, 60.0, "speech")]
    shares, engine = [], Says()
    transcribe(fake_sound(60), activity, engine=engine, progress=shares.append)
    assert shares[0] == 0.0 and shares[-1] == 1.0 and shares[1] == pytest.approx(0.5, abs=0.01)

    def cancel(share):
        if share > 0:
            raise Cancelled("stopped")

    engine = Says()
    with pytest.raises(Cancelled):
        transcribe(fake_sound(60), activity, engine=engine, progress=cancel)
    assert len(engine.given) == 1


def test_unknown_language_engine_and_model():
    with pytest.raises(ModelError, match="en, de"):
        transcribe(fake_sound(20), SPEECH, engine=Says(), language="xx")
    with pytest.raises(ModelError, match="faster-whisper"):
        transcribe(fake_sound(20), SPEECH, engine="dictaphone")
    with pytest.raises(ModelError, match="base"):
        transcribe(fake_sound(20), SPEECH, model="enormous")


@hypothesis_settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 40), st.floats(-1, 3)), max_size=30))
def test_whatever_the_recogniser_says_words_are_in_order(times):
    words = [(start, max(0.0, start + length), f" w{i}") for i, (start, length) in enumerate(times)]
    transcript = transcribe(fake_sound(20), SPEECH, engine=Says(said(*words)))
    assert all(a.end <= b.start for a, b in pairwise(transcript.words))
    assert all(1.75 <= word.start < word.end <= 6.251 for word in transcript.words)
    assert [w for p in transcript.passages for w in p.words] == list(transcript.words)


@pytest.fixture(scope="module")
def talk():
    samples, _ = soundfile.read(DATA / "talk.opus", dtype="int16")
    return SimpleNamespace(recording=Recording("sha256:00", len(samples) / 16_000, 16_000, 1), speech=samples)


def test_real_speech(talk, tmp_path):
    """The packaged model, on synthesised speech with known words and times."""
    truth = json.loads((DATA / "talk.json").read_text())
    settings = Settings(data_dir=tmp_path)
    transcript = transcribe(talk, settings=settings)
    assert transcript.language == "en"
    wanted = [word.strip(".,!").casefold() for sentence in truth for word in sentence["text"].split()]
    heard = [word.text.strip(".,!").casefold() for word in transcript.words]
    assert len(heard) == len(wanted)
    assert sum(a != b for a, b in zip(heard, wanted, strict=True)) <= 1
    assert [passage.text.split()[0] for passage in transcript.passages] == ["Good", "Sunday"]
    for passage, start, end in zip(transcript.passages, (1.0, 11.715), (7.715, 16.275), strict=True):
        assert passage.start == pytest.approx(start, abs=0.35)
        assert passage.end == pytest.approx(end, abs=0.6)  # the synthesiser ends with a breath
    assert transcribe(talk, settings=settings) == transcript
