from pathlib import Path

from benchmarks.transcription.material import Line, Recording
from benchmarks.transcription.systems import OURS, UNGATED
from benchmarks.transcription.tables import beds, boundaries, compared, nothing, units, word_errors
from benchmarks.transcription.words import Timed

SAID = (Timed("good", 1.0, 1.4), Timed("morning", 1.4, 2.0))
SHOW = Recording("show", Path("show.wav"), "show", "en", 3.0, (Line("flite-slt", SAID, 1.0, 2.0),))
LATE = tuple(Timed(word.text, (word.start or 0) + 0.1, (word.end or 0) + 0.1) for word in SAID)


def test_word_errors_stand_beside_each_other_and_the_reference_decides() -> None:
    heard = {"ours": {"show": SAID[:1]}, "openai-whisper": {"show": SAID}}
    found = {name: compared(words, [SHOW]) for name, words in heard.items()}
    text = word_errors(found, units([SHOW]))
    assert "| synthesised, in shows | 2 in 1 | 50.0 [50.0, 50.0] | 0.0 [0.0, 0.0] | +50.0" in text
    assert "**not reached**" in text
    better = word_errors({"ours": found["openai-whisper"], "openai-whisper": found["ours"]}, units([SHOW]))
    assert "**not reached**" not in better


def test_late_words_are_late_and_their_goal_is_missed() -> None:
    text = boundaries({OURS: compared({"show": LATE}, [SHOW])}, units([SHOW]))
    assert "| ours | 2 | 100 [100, 100] | 100 [100, 100] | 100 [100, 100] **not reached** |" in text
    assert "+100 [+100, +100]" in text


def test_what_a_gate_costs_is_ours_less_ungated() -> None:
    bed = Recording("bed", Path("bed.wav"), "bed 10", "en", 3.0, SHOW.lines)
    text = beds({OURS: {"bed": ()}, UNGATED: {"bed": SAID}}, [bed])
    assert (
        "| +10 dB | 2 | 100.0 [100.0, 100.0] | 0.0 [0.0, 0.0] | +100.0 [+100.0, +100.0] **not reached** |"
        in text
    )


def test_clips_with_a_word_are_counted_and_singing_is_apart() -> None:
    kinds = ["noise", "noise", "music", "music", "singing"]
    clips = [Recording(f"c{i}", Path(f"c{i}.wav"), kind, "en", 5.0) for i, kind in enumerate(kinds)]
    heard = {one.name: SAID if one.name in ("c0", "c4") else () for one in clips}
    text = nothing({OURS: heard, "peer": {"c0": SAID}}, clips)
    rows = {line.split("|")[1].strip(): line for line in text.splitlines()}
    assert rows["all"].startswith("| all | 4 | 25.0 ") and "**not reached**" in rows["all"]
    assert "100.0 [20.7, 100.0] of 1" in rows["noise"]
    assert rows["music"].startswith("| music | 2 | 0.0 ") and rows["music"].endswith("| – |")
    assert rows["singing"].startswith("| singing | 1 | 100.0 ")
