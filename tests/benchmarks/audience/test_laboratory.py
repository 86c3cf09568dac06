from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audience.laboratory import NAMES, PERSONAS, PLANTED, WITHOUT, Simulated, rows, section, wilson
from edm_core.personas.laboratory import biases, plan, read_passages


def test_a_simulated_judge_answers_the_same_for_the_same_seed() -> None:
    laid = plan(read_passages(), PERSONAS)
    one, same, other = (Simulated().answers(laid, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.scores["plain"], same.scores["plain"])
    assert not np.array_equal(one.scores["plain"], other.scores["plain"])
    for probe, shares in one.shares.items():
        assert shares.shape == (*laid.blocks[probe].shape, 5)
        assert shares.sum(axis=-1) == pytest.approx(1.0)


def test_what_is_planted_is_what_is_measured() -> None:
    laid = plan(read_passages(), PERSONAS)

    def estimates(judge: Simulated) -> dict[str, float]:
        drawn = [biases(laid, judge.answers(laid, np.random.default_rng(seed))) for seed in range(12)]
        return dict(
            zip(NAMES, np.mean([[each.estimate for each in found] for found in drawn], axis=0), strict=True)
        )

    honest = estimates(Simulated())
    assert honest["position"] == pytest.approx(0, abs=0.05)
    assert honest["verbosity"] == pytest.approx(0, abs=0.05)
    # A score is the mean of a bell cut off at 1 and 5, so that a little of what moves the bell is lost.
    assert estimates(PLANTED["position"][0])["position"] == pytest.approx(0.26, abs=0.06)
    assert estimates(PLANTED["verbosity"][0])["verbosity"] == pytest.approx(0.17, abs=0.05)
    limits = {
        name: estimates(judge)[name.removeprefix("at the limit of ")]
        for name, (judge, _) in WITHOUT.items()
        if "limit" in name
    }
    assert list(limits.values()) == pytest.approx([0.4, 0.5, 0.2], abs=0.03)


def test_power_and_false_alarms_are_counted_apart() -> None:
    table = rows(count=20, seed=5)
    assert [row["judge"] for row in table] == [*PLANTED, *WITHOUT]
    for row in table:
        assert row["low"] <= row["share"] <= row["high"]
        if row["judge"] in PLANTED:
            assert row["what"] == "power"
            assert row["share"] == row[f"found {row['judge']}"] >= 0.9
        else:
            assert row["what"] == "false alarms"
            assert row["share"] <= 0.15
    assert rows(count=3, seed=5) == rows(count=3, seed=5)


def test_the_section_has_a_row_a_judge() -> None:
    lines = section(count=2).splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 1 + len(PLANTED) + len(WITHOUT)


def test_wilsons_interval() -> None:
    assert wilson(285, 300) == pytest.approx((0.919, 0.970), abs=0.001)
    assert wilson(300, 300)[1] == 1.0
