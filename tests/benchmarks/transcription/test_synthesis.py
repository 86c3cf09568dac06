import numpy as np
import pytest

from benchmarks.transcription.nonspeech import KINDS, clips
from benchmarks.transcription.synthesis import RATE, VOICES, Spoken, SynthesisMissing, speak

TEXT = "Good morning, it is six o'clock on a wet Tuesday, and the well-known roads are open."


def spoken(voice: str) -> Spoken:
    try:
        return speak(voice, TEXT)
    except SynthesisMissing as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("voice", VOICES)
def test_words_are_as_written_in_order_and_their_times_fit_the_sound(voice: str) -> None:
    found = spoken(voice)
    assert [word.text for word in found.words] == TEXT.split()
    times = [time for word in found.words for time in (word.start, word.end) if time is not None]
    assert times == sorted(times)
    assert len(times) >= 2 * len(found.words) - 4
    duration = len(found.samples) / RATE
    assert times[0] >= 0 and times[-1] <= duration
    # After the comma nobody speaks: the truth says so, and so does the sound.
    pause = found.words[9].end, found.words[10].start
    assert pause[0] is not None and pause[1] is not None and pause[1] - pause[0] > 0.05
    level = np.abs(found.samples)
    inside = level[round((pause[0] + 0.02) * RATE) : round((pause[1] - 0.02) * RATE)]
    assert inside.max() < 0.1 * level.max()


@pytest.mark.parametrize("kind", KINDS)
def test_clips_without_speech_are_the_same_every_time(kind: str) -> None:
    for (name, first), (again, second) in zip(clips(kind, 1), clips(kind, 1), strict=True):
        assert name == again
        assert 5 * RATE <= len(first) <= 30 * RATE
        assert np.array_equal(first, second) and np.isfinite(first).all()
        assert np.abs(first).max() <= 1 and bool(np.abs(first).any()) == (name != "silence-0")
