import numpy as np
import pytest

from benchmarks.activity import noises
from benchmarks.activity.clips import RATE, Clip
from benchmarks.activity.evaluation import _noises_table, _singers_table
from benchmarks.activity.stock import Stock
from benchmarks.activity.systems import asked, peers
from benchmarks.activity.tunes import tunes


@pytest.mark.parametrize("name", peers())
def test_every_system_labels_every_cell(name):
    ask = peers()[name]
    music = tunes(np.random.default_rng(0), 4, 6.0)[3].samples
    codes = asked(ask, np.concatenate([np.zeros(2 * RATE), 0.5 * music]))
    assert codes.shape == (80,) and set(np.unique(codes)) <= {0, 1, 2, 3}
    assert (codes[:10] == 0).all() and (codes[40:70] == 2).mean() > 0.9


def test_tables_have_a_row_for_each_thing(monkeypatch):
    monkeypatch.setattr(noises, "KINDS", {"hum": noises.hum})
    monkeypatch.setattr("benchmarks.activity.evaluation.NOISES", noises.KINDS)
    music = tunes(np.random.default_rng(0), 1, 9.0)
    singer = [Clip("line", 0.3 * music[0].samples[: 3 * RATE])]
    noise = [Clip("n", noises.rain(np.random.default_rng(0), RATE))]
    stock = Stock("test", {}, {"plain": music}, {"a singer": singer}, noise)
    assert [row.split("|")[1].strip() for row in _noises_table(stock)[2:]] == ["hum", "recorded"]
    assert _singers_table(stock)[2].startswith("| a singer (3 s) |")
