import pytest

from benchmarks.measure import Cost, Runs
from benchmarks.transcription.speed import PARALLEL, SEQUENTIAL, WHOLE, ratio, table


def runs(*seconds: float, memory: int = 400_000_000) -> Runs:
    # The process took longer than what it timed itself: only the latter is the factor's.
    return Runs(tuple(Cost(each + 100, each, memory, f"said something\n{each}") for each in seconds))


def test_ratios_are_taken_within_a_round() -> None:
    assert ratio(runs(2, 20, 3), runs(1, 10, 2)) == 2
    assert ratio(runs(2, 20, 30), runs(1)) == 2


def test_factors_are_of_the_time_that_the_process_told() -> None:
    text = table({WHOLE: runs(36, 48, 60), PARALLEL: runs(40, 40, 40), SEQUENTIAL: runs(80, 80, 80)}, 600.0)
    assert "| 48.0 (36.0–60.0) | 0.080 (goal ≤ 0.08) | 400 MB (goal ≤ 500 MB) |" in text
    assert "2.00 × as fast as one sound at a time (goal: ≥ 1.6)." in text
    assert "not reached" not in text


@pytest.mark.parametrize(
    "found",
    [
        {WHOLE: runs(49)},
        {WHOLE: runs(1, memory=501_000_000)},
        {WHOLE: runs(1), PARALLEL: runs(10), SEQUENTIAL: runs(15)},
        {WHOLE: runs(6), "openai-whisper": runs(10)},
    ],
)
def test_what_is_not_reached_is_said(found: dict[str, Runs]) -> None:
    assert "**not reached**" in table(found, 600.0)


def test_what_is_left_out_is_said() -> None:
    assert "- Left out: openai-whisper: no Python 3.11." in table(
        {}, 600.0, ["openai-whisper: no Python 3.11"]
    )
