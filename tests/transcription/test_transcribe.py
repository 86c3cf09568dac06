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

from edm_core.cache import Cache
from edm_core.errors import Cancelled, ModelError, SettingsError
from edm_core.settings import Settings
from edm_core.timeline import Recording, Span
from edm_core.transcription import Heard, HeardWord, Journal, transcribe

DATA = Path(__file__).parents[1] / "data"


def fake_sound(seconds):
    recording = Recording("sha256:00", seconds, 16_000, 1)
    return SimpleNamespace(recording=recording, speech=np.zeros(int(seconds * 16_000), np.int16))


class Says:
    """A recogniser that says the same to every chunk, and remembers what it was given."""

    languages = ("en", "de")

    def __init__(self, *heard):
        self.spoken = {"en": 0.995, "de": 0.005}
        self.heard, self.given, self.options = heard, [], None

    def detect_language(self, samples):
        return self.spoken

    def recognise(self, sounds, options):
        self.options = options
        for samples in sounds:
            self.given.append(len(samples) / 16_000)
            yield self.heard


def said(*words, no_speech=0.0, log_probability=-0.2, probability=0.9):
    heard = tuple(HeardWord(start, end, text, probability) for start, end, text in words)
    return Heard(heard, no_speech, log_probability, 0.0)


SPEECH = (Span(0.0, 2.0, "silence"), Span(2.0, 5.0, "speech"), Span(5.0, 20.0, "music"))


WHOLE = said((0.3, 2.0, " Good"), (2.0, 3.0, " day."))


def test_times_are_the_recordings():
    engine = Says(said((0.5, 0.9, " Good"), (0.9, 1.5, " morning.")))
    transcript = transcribe(fake_sound(20), SPEECH, engine=engine)
    assert [(w.start, w.end, w.text) for w in transcript.words] == [
        (2.25, 2.65, "Good"),
        (2.65, 3.25, "morning."),
    ]
    assert (transcript.language, transcript.language_confidence) == ("en", 0.995)
    assert [p.text for p in transcript.passages] == ["Good morning."]
    assert transcript.passages[0].topic.status == "pending"


def test_only_speech_is_given_to_the_recogniser():
    engine = Says(WHOLE)
    transcribe(fake_sound(20), SPEECH, engine=engine)
    assert engine.given == [pytest.approx(3.5)]


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


def test_what_was_written_is_kept_with_its_evidence():
    transcript = transcribe(
        fake_sound(20), SPEECH, engine=Says(said((0.5, 0.9, " Good"), (0.9, 1.5, " day.")))
    )
    (utterance,) = transcript.utterances
    assert (utterance.text, utterance.language, utterance.rejected) == ("Good day.", "en", None)
    assert (utterance.start, utterance.end) == (2.25, 3.25)
    assert (utterance.no_speech, utterance.log_probability, utterance.temperature) == (0.0, -0.2, 0.0)
    assert utterance.compression == pytest.approx(0.53, abs=0.2)


LA = tuple((0.1 * i, 0.1 * i + 0.1, " la la la la la la la la") for i in range(30))


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        (said((0.5, 1.0, " Thanks"), no_speech=0.9, log_probability=-1.0), "probably nothing was said"),
        (said(*LA), "the text repeats itself"),
        (said((0.5, 1.0, " mumble"), log_probability=-1.5), "the text is too improbable"),
        (said((0.5, 1.0, " mumble"), probability=0.1), "the words are too improbable"),
        (said((0.5, 1.0, " Untertitel der Amara.org-Community")), "a credit from subtitles, which recognisers make up"),
        (said((0.5, 1.0, " Thank you."), probability=0.5), "a phrase that recognisers make up, with little evidence"),
        (said((0.5, 0.6, " " + "".join(map(chr, range(0x100, 0x200))))), "nobody speaks so fast"),
    ],
)  # fmt: skip
def test_unlikely_text_is_rejected_with_its_reason(heard, reason):
    transcript = transcribe(fake_sound(20), SPEECH, engine=Says(heard))
    assert transcript.words == ()
    assert [each.rejected for each in transcript.rejected] == [reason]


def test_thanks_are_believed_where_they_are_plainly_heard():
    heard = said((0.5, 1.0, " Thank"), (1.0, 1.3, " you."), probability=0.95)
    assert len(transcribe(fake_sound(20), SPEECH, engine=Says(heard)).words) == 2


def test_a_loop_is_believed_twice():
    heard = said(
        *(
            (0.3 * i, 0.3 * i + 0.25, f" {word}")
            for i, word in enumerate(("and on " + "it goes " * 5).split())
        )
    )
    transcript = transcribe(fake_sound(20), SPEECH, engine=Says(heard))
    assert " ".join(word.text for word in transcript.words) == "and on it goes it goes"
    assert [(each.text, each.rejected) for each in transcript.rejected] == [
        ("it goes it goes it goes", "the text goes round in a loop")
    ]


def test_text_is_weighed_apart_for_each_piece_of_sound():
    """What is made up for a false piece does not take the true one with it."""
    activity = [
        Span(0.0, 1.0, "silence"),
        Span(1.0, 3.0, "speech"),
        Span(3.0, 5.0, "music"),
        Span(5.0, 7.0, "speech"),
    ]
    heard = Heard((
        HeardWord(0.3, 0.8, " Hello", 0.9), HeardWord(0.8, 1.2, " there.", 0.9),
        HeardWord(3.0, 3.4, " Amara.org", 0.9),
    ), 0.0, -0.2, 0.0)  # fmt: skip
    transcript = transcribe(fake_sound(20), activity, engine=Says(heard))
    assert [word.text for word in transcript.words] == ["Hello", "there."]
    assert [each.text for each in transcript.rejected] == ["Amara.org"]


def test_parts_of_words_are_joined_and_lone_marks_dropped():
    engine = Says(said((0.3, 0.6, " nell"), (0.6, 1.0, "'elenco"), (1.0, 1.2, " ."), (1.2, 1.5, " prego")))
    assert [w.text for w in transcribe(fake_sound(20), SPEECH, engine=engine).words] == [
        "nell'elenco",
        "prego",
    ]


def test_japanese_has_no_spaces():
    engine = Says(said((0.3, 0.6, "お"), (0.6, 1.0, "はよう")))
    engine.languages, engine.spoken = ("ja",), {"ja": 0.99}
    (passage,) = transcribe(fake_sound(20), SPEECH, engine=engine, language="ja").passages
    assert (passage.text, passage.language, len(passage.words)) == ("おはよう", "ja", 2)


def test_progress_is_true_and_cancelling_stops():
    activity = [Span(0.0, 20.0, "speech"), Span(20.0, 40.0, "music"), Span(40.0, 60.0, "speech")]
    shares, engine = [], Says(said((0.3, 9.0, " Good"), (9.0, 19.5, " morning.")))
    transcribe(fake_sound(60), activity, engine=engine, progress=shares.append)
    assert shares[0] == 0.0 and shares[-1] == 1.0 and shares[1] == pytest.approx(0.5, abs=0.01)

    def cancel(share):
        if share > 0:
            raise Cancelled("stopped")

    engine = Says(said((0.3, 9.0, " Good"), (9.0, 19.5, " morning.")))
    with pytest.raises(Cancelled):
        transcribe(fake_sound(60), activity, engine=engine, progress=cancel)
    assert len(engine.given) == 1


LONG = [Span(0.0, 20.0, "speech"), Span(20.0, 40.0, "music"), Span(40.0, 60.0, "speech")]


def test_what_the_decoder_left_out_is_heard_once_more():
    """Its text ends after three seconds of sixteen: the rest is given to it again, and only that."""

    class Loses(Says):
        def recognise(self, sounds, options):
            for samples in sounds:
                self.given.append(len(samples) / 16_000)
                first = len(self.given) == 1
                yield (
                    said((0.3, 1.0, " Good"), (1.0, 3.0, " morning."))
                    if first
                    else said((0.5, 13.0, " Goodbye.")),
                )

    engine = Loses()
    transcript = transcribe(fake_sound(20), [Span(0.0, 16.0, "speech")], engine=engine)
    assert engine.given == [pytest.approx(16.25), pytest.approx(13.5)]
    assert [(word.start, word.text) for word in transcript.words] == [
        (0.3, "Good"),
        (1.0, "morning."),
        (3.25, "Goodbye."),
    ]


def test_what_was_done_is_not_done_again(tmp_path):
    """Stopped after the first chunk, it goes on with the second, and ends as if nothing had happened."""
    journal = Journal(Cache(tmp_path, 10_000_000), "this recording")
    heard = said((0.3, 9.0, " Good"), (9.0, 19.5, " morning."))

    def stop(share):
        if share > 0:
            raise Cancelled("stopped")

    first, second = Says(heard), Says(heard)
    with pytest.raises(Cancelled):
        transcribe(fake_sound(60), LONG, engine=first, journal=journal, progress=stop)
    resumed = transcribe(fake_sound(60), LONG, engine=second, journal=journal)
    assert (len(first.given), len(second.given)) == (1, 1)
    assert resumed == transcribe(fake_sound(60), LONG, engine=Says(heard))
    assert not list(tmp_path.glob("??/*"))


def test_a_journal_that_cannot_be_read_costs_time_only(tmp_path):
    journal = Journal(Cache(tmp_path, 10_000_000), "this recording")
    journal.write(0, (said((0.5, 0.9, " Good")),))
    (entry,) = tmp_path.glob("??/*")
    (entry / "heard.json").write_text("{")
    engine = Says(said((0.5, 0.9, " Good")))
    assert transcribe(fake_sound(20), SPEECH, engine=engine, journal=journal).words
    assert len(engine.given) == 1


def test_unknown_language_engine_and_model():
    with pytest.raises(ModelError, match="en, de"):
        transcribe(fake_sound(20), SPEECH, engine=Says(), language="xx")
    with pytest.raises(ModelError, match="faster-whisper, openai-whisper, server"):
        transcribe(fake_sound(20), SPEECH, engine="dictaphone")
    with pytest.raises(ModelError, match="base"):
        transcribe(fake_sound(20), SPEECH, model="enormous")
    with pytest.raises(SettingsError, match="EDM_WHISPER_BASE_URL"):
        transcribe(fake_sound(20), SPEECH, engine="server")


def test_a_language_that_is_plainly_not_spoken_is_refused():
    """Whisper would translate or make words up."""
    with pytest.raises(ModelError, match=r"the speech is en \(100% sure\) and not de"):
        transcribe(fake_sound(60), LONG, engine=Says(), language="de")
    unsure = Says()
    unsure.spoken = {"en": 0.85, "de": 0.15}
    assert transcribe(fake_sound(60), LONG, engine=unsure, language="de").language == "de"


def test_a_few_words_sound_like_many_languages():
    assert transcribe(fake_sound(20), SPEECH, engine=Says(), language="de").language == "de"


def test_options_reach_the_engine():
    engine = Says()
    transcribe(fake_sound(20), SPEECH, engine=engine, language="en", beam=2, prompt="Clara, Harbor Radio")
    assert (engine.options.language, engine.options.beam, engine.options.prompt) == (
        "en",
        2,
        "Clara, Harbor Radio",
    )
    with pytest.raises(SettingsError, match="beam of 0"):
        transcribe(fake_sound(20), SPEECH, engine=engine, beam=0)


def test_passages_are_as_long_as_wanted():
    words = [(0.3 * i, 0.3 * i + 0.28, f" {chr(0x4E00 + 37 * i)}.") for i in range(60)]
    activity = [Span(0.0, 20.0, "speech")]
    lengths = [
        len(transcribe(fake_sound(20), activity, engine=Says(said(*words)), passage_s=seconds).passages)
        for seconds in (3.0, 15.0)
    ]
    assert lengths == [6, 1]


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
    assert transcript.language == "en" and transcript.rejected == ()
    wanted = [word.strip(".,!").casefold() for sentence in truth for word in sentence["text"].split()]
    heard = [word.text.strip(".,!").casefold() for word in transcript.words]
    assert len(heard) == len(wanted)
    assert sum(a != b for a, b in zip(heard, wanted, strict=True)) <= 1
    assert [passage.text.split()[0] for passage in transcript.passages] == ["Good", "Sunday"]
    for passage, start, end in zip(transcript.passages, (1.0, 11.715), (7.715, 16.275), strict=True):
        assert passage.start == pytest.approx(start, abs=0.35)
        assert passage.end == pytest.approx(end, abs=0.6)  # the synthesiser ends with a breath
    assert transcribe(talk, settings=settings) == transcript
