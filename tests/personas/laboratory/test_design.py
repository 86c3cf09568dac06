from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.errors import SettingsError
from edm_core.personas.laboratory import NOBODY, SIZES, Design, plan, read_passages
from edm_core.personas.laboratory.design import balanced_orders


@given(st.integers(2, 8).map(lambda half: 2 * half))
def test_orders_are_balanced(places: int) -> None:
    orders = balanced_orders(places)
    for column in orders.T:
        assert sorted(column) == list(range(places))
    follows = {(int(a), int(b)) for order in orders for a, b in zip(order, order[1:], strict=False)}
    assert len(follows) == places * (places - 1)  # each after each other, once


def test_sessions_hold_what_their_order_says() -> None:
    block = plan(read_passages(), ["genz"]).blocks["order"]
    texts = {item: block.texts[place][0] for place, item in enumerate(block.items)}
    for k in range(len(block.variants)):
        heard = sorted((int(block.place[i, k]), i) for i in range(len(block.items)))
        assert [place for place, _ in heard] == list(range(len(block.items)))
        order = [texts[block.items[i]] for _, i in heard]
        for place, i in heard:
            assert list(block.before[i][k]) == order[:place]
    assert np.array_equal(np.sort(block.place, axis=1)[0], np.arange(8))


def test_the_same_seed_asks_the_same_and_another_asks_another() -> None:
    def asked(seed: int) -> list[object]:
        laid = plan(read_passages(), ["genz", "tradies"], Design(passages=12, seed=seed))
        return [trial for block in laid.blocks.values() for _, trial in block.trials()]

    assert asked(1) == asked(1)
    assert asked(1) != asked(2)


def test_repeats_and_sessions_are_draws_of_their_own() -> None:
    laid = plan(read_passages(), ["genz"])
    keys = {probe: {trial.key for _, trial in block.trials()} for probe, block in laid.blocks.items()}
    assert len(keys["plain"]) == 24 * 3
    assert not keys["plain"] & keys["order"]
    assert laid.count() == sum(map(len, keys.values()))
    assert {key[0] for key in keys["nobody"]} == {NOBODY}


def test_every_disguise_is_used_and_asks_what_it_says() -> None:
    laid = plan(read_passages(), ["genz"])
    named = {name for pair in laid.disguises for name in pair}
    assert len(named) == 8
    assert set(laid.asks.flat) == {1, 5}


def test_passages_without_marked_words_are_not_ablated() -> None:
    from dataclasses import replace

    bare = [replace(each, topic=()) for each in read_passages()]
    laid = plan(bare, ["genz"])
    assert not list(laid.blocks["ablation"].trials())
    assert len(list(laid.blocks["padding"].trials())) == 48


@pytest.mark.parametrize("wrong", [{"repeats": 1}, {"passages": 5}, {"places": 7}, {"places": 2}])
def test_a_design_that_cannot_tell_anything_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="the laboratory's design"):
        Design(**wrong)


def test_too_few_passages_or_nobody_to_hear_them_is_refused() -> None:
    with pytest.raises(SettingsError, match="5 passages"):
        plan(read_passages()[:5], ["genz"])
    with pytest.raises(SettingsError, match="0 personas"):
        plan(read_passages(), [])


@pytest.mark.parametrize("size", SIZES)
def test_every_size_can_be_laid_out(size: str) -> None:
    laid = plan(read_passages(), ["genz"], SIZES[size])
    assert laid.blocks["order"].shape[1] == SIZES[size].places
