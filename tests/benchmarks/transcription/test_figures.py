import math

import pytest

from benchmarks.transcription.figures import difference, error_rate, mean, share, typical
from benchmarks.transcription.words import Compared


def test_rates_are_pooled_over_words_and_not_over_utterances() -> None:
    found = error_rate([Compared(90, 0), Compared(10, 5)])
    assert found.value == pytest.approx(5.0)
    assert found.low == 0.0 and found.high == pytest.approx(50.0)
    assert found.count == 100


def test_a_paired_difference_is_surer_than_the_rates() -> None:
    ours = [Compared(10, number % 4) for number in range(40)]
    theirs = [Compared(10, number % 4 + 1) for number in range(40)]
    less = difference(ours, theirs)
    assert less.value == less.low == less.high == pytest.approx(-10.0)
    assert error_rate(ours).high > error_rate(theirs).low - 5


def test_systems_compared_on_other_utterances_are_refused() -> None:
    with pytest.raises(ValueError, match="same utterances"):
        difference([Compared(10, 1)], [Compared(11, 1)])


def test_errors_of_times_are_told_by_size_and_by_sign() -> None:
    errors = [(-0.04, -0.06), (0.02,), ()]
    assert typical(errors).value == pytest.approx(40.0)
    assert typical(errors, signed=True).value == pytest.approx(-40.0)
    assert mean(errors).value == pytest.approx(-80 / 3)
    assert typical(errors).count == 3


def test_nothing_measured_is_not_a_number() -> None:
    assert math.isnan(error_rate([]).value)
    assert math.isnan(typical([()]).value)
    assert math.isnan(share(0, 0).value)


def test_a_share_of_none_is_not_sure_to_be_none() -> None:
    assert share(0, 240).high == pytest.approx(1.575, abs=0.01)
    found = share(12, 240)
    assert found.low < found.value == 5.0 < found.high
