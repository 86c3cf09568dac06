import csv
import io
import json
import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.items import Passage, Reaction, Recording, Safety, Section, Target
from edm_core.personas import Audience, summary
from edm_core.personas.alerts import RULES
from edm_core.personas.exports import COLUMNS
from edm_core.personas.moments import moments_of
from edm_core.timeline import Layer, Timeline

SONG = Recording("sha256:" + "0" * 64, 600.0, 44100, 2, title="Morning show")


def reaction(
    index, score, persona="genz", *, kind="passage", start=None, length=8.0, status="failed", **more
):
    start = index * 10.0 if start is None else start
    about = {"persona": persona, "target": Target(kind, index), **more}
    if score is None:
        return Reaction(start, start + length, status=status, **about)
    low = min(4, int(score))
    shares = [0.0] * 5
    shares[low - 1], shares[low] = low + 1 - score, score - low
    return Reaction(
        start, start + length, status="ok", score=score, distribution=tuple(shares), confidence=0.6, **about
    )


def audience(scores, personas=None, **more):
    made = [
        reaction(index, score, name) for name, of_it in scores.items() for index, score in enumerate(of_it)
    ]
    return Audience.gather(made, personas, recording=SONG, **more)


def listener(name, weight=1.0):
    return SimpleNamespace(name=name, emoji="🎧", weight=weight)


# --- a persona in short ----------------------------------------------------------------------------


def test_only_scores_count_and_coverage_is_told():
    found = summary([reaction(0, 4.0), reaction(1, None), reaction(2, 2.0)])["genz"]
    assert (found.mean, found.coverage) == (3.0, "2 of 3")
    assert (found.best.index, found.best.start, found.worst.index) == (0, 0.0, 2)
    assert found.statuses == {"ok": 2, "failed": 1}


def test_one_score_has_no_best_and_worst():
    found = summary([reaction(0, 4.0)])["genz"]
    assert found.best is None and found.worst is None and found.mean == 4.0
    assert found.low is None and found.reason == "fewer than 5 scores"


def test_no_score_no_mean():
    found = summary([reaction(0, None)])["genz"]
    assert found.mean is None and found.coverage == "0 of 1" and found.distribution is None


def test_scores_that_hardly_differ_have_no_best_and_worst():
    found = summary([reaction(0, 3.0), reaction(1, 3.01)])["genz"]
    assert found.best is None and found.worst is None


def test_the_earlier_of_equals():
    found = summary([reaction(0, 4.0), reaction(1, 4.0), reaction(2, 2.0), reaction(3, 2.0)])["genz"]
    assert (found.best.index, found.worst.index) == (0, 2)


@given(st.lists(st.none() | st.floats(1, 5), max_size=20))
def test_best_is_above_worst(scores):
    for found in summary([reaction(i, s) for i, s in enumerate(scores)]).values():
        assert found.scored == sum(s is not None for s in scores) and found.total == len(scores)
        if found.best:
            assert found.best.score > found.worst.score and found.best.index != found.worst.index


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.floats(1, 5)), max_size=15),
    st.integers(1, 4),
)
def test_moments_never_overlap_and_are_real(spans, most):
    made = [
        reaction(index, score, start=float(start), length=float(length))
        for index, (start, length, score) in enumerate(spans)
    ]
    best, worst = moments_of(made, most)
    chosen = [*best, *worst]
    assert len(best) <= most and len(worst) <= most
    for place, one in enumerate(chosen):
        source = made[one.index]
        assert (one.start, one.end, one.score) == (source.start, source.end, source.score)
        assert not any(one.start < other.end and other.start < one.end for other in chosen[:place])
    if best and worst:
        assert min(one.score for one in best) > max(one.score for one in worst)


def test_the_interval_holds_the_mean_and_is_the_same_again():
    scores = {"genz": [1.5, 2.0, 3.0, 4.0, 4.5, 2.5, 3.5]}
    found, again = audience(scores)["genz"], audience(scores)["genz"]
    assert found == again
    assert found.low < found.mean < found.high


# --- all of them -----------------------------------------------------------------------------------


def test_the_consensus_is_weighted_by_the_personas():
    people = {"genz": listener("Gen Z", 3.0), "mum": listener("Mum", 1.0)}
    found = audience({"genz": [4.0], "mum": [2.0]}, people)
    assert found.items[0].consensus == 3.5
    assert found.items[0].spread == 2.0
    assert (found.items[0].lovers, found.items[0].haters) == (("genz",), ("mum",))
    assert found.items[0].verdict == "splits"


def test_a_persona_that_weighs_nothing_does_not_decide():
    found = audience({"genz": [4.0]}, {"genz": listener("Gen Z", 0.0)})
    assert found.items[0].consensus is None and found.consensus.value is None


def test_the_matrix_is_never_filled_in():
    made = [reaction(0, 4.0, "genz"), reaction(1, None, "genz"), reaction(1, 2.0, "mum")]
    found = Audience.gather(made)
    assert [[cell and cell.score for cell in row] for row in found.matrix] == [[4.0, None], [None, 2.0]]
    assert found.matrix[0][1].status == "failed" and found.matrix[1][0] is None
    assert found.items[1].verdict == "one voice"


def test_order_of_reactions_does_not_matter():
    made = [reaction(i, 1 + (i * 7 + k * 3) % 5, name) for k, name in enumerate("abc") for i in range(9)]
    shuffled = random.Random(4).sample(made, len(made))
    assert Audience.gather(made).to_json() == Audience.gather(shuffled).to_json()


def test_of_two_reactions_to_one_item_the_later_counts():
    assert Audience.gather([reaction(0, 4.0), reaction(0, 2.0)])["genz"].mean == 2.0


def test_known_personas_come_in_their_order_and_unknown_ones_last():
    people = {"mum": listener("Mum"), "genz": listener("Gen Z")}
    found = audience({"zoe": [1.0], "genz": [2.0], "mum": [3.0], "abe": [3.0]}, people)
    assert [row.persona for row in found.personas] == ["mum", "genz", "abe", "zoe"]
    assert found["zoe"].name == "zoe"


def test_correlation_of_personas_needs_five_items_in_common():
    found = audience({"a": [1.0, 2.0, 3.0, 4.0, 5.0, 3.0], "b": [1.5, 2.0, 3.5, 4.0, 5.0, 3.0]})
    assert found.pairs[0].correlation.value > 0.9
    few = audience({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    assert few.pairs[0].correlation.value is None and few.pairs[0].correlation.reason


def test_the_standing_is_told_whole_and_in_part():
    raw = [reaction(0, 4.0), reaction(1, 3.0)]
    assert Audience.gather(raw).standing == "uncalibrated"
    sure = [replace(one, calibrated=True) for one in raw]
    assert (
        Audience.gather(sure, calibration="calibrated on 40 ratings").standing == "calibrated on 40 ratings"
    )
    assert "others uncalibrated" in Audience.gather([sure[0], raw[1]]).standing


def test_nobody_and_nothing():
    found = Audience.gather([])
    assert found.personas == () and found.consensus.value is None and found.alerts == ()
    json.loads(found.to_json())
    assert "Nothing was heard" in found.to_html()


def test_a_timeline_gives_texts_and_flags():
    passage = Passage(0.0, 8.0, text="Good morning", safety=Safety("flagged"))
    section = Section(0.0, 600.0, "drop")
    timeline = Timeline(SONG, (
        Layer("passages", "model:x@1", (passage,)), Layer("sections", "model:y@1", (section,)),
        Layer("reactions", "model:personas@1", (
            reaction(0, 2.0, "advertiser"), reaction(0, 4.0, "dj", kind="section", length=600.0),
        )),
    ))  # fmt: skip
    found = Audience.of(timeline)
    assert [(item.text, item.flagged) for item in found.items] == [("Good morning", True), ("drop", False)]
    assert found.recording == SONG


# --- alerts ----------------------------------------------------------------------------------------


def rules(found):
    return {alert.rule for alert in found.alerts}


def test_a_persona_is_lost_after_thirty_seconds_in_a_row():
    low = [reaction(i, 1.5) for i in range(4)]  # 8 s each
    assert "lost" in rules(Audience.gather(low))
    assert "lost" not in rules(Audience.gather(low[:3]))
    between = [*low[:2], reaction(2, None), *[reaction(i, 1.5) for i in (3, 4)]]
    assert "lost" not in rules(Audience.gather(between)), "what is not scored ends a row"


def test_a_flagged_passage_alarms_where_the_advertiser_minds():
    passage = Passage(0.0, 8.0, text="…", safety=Safety("flagged"))
    items = {Target("passage", 0): passage}
    assert "unsafe" in rules(Audience.gather([reaction(0, 1.4, "advertiser")], items=items))
    assert "unsafe" not in rules(Audience.gather([reaction(0, 3.4, "advertiser")], items=items))
    assert "unsafe" not in rules(Audience.gather([reaction(0, 1.4, "advertiser")]))


def test_coverage_below_four_fifths_alarms():
    assert "coverage" not in rules(audience({"genz": [3.0, 3.0, 3.0, 3.0, None]}))
    assert "coverage" in rules(audience({"genz": [3.0, 3.0, 3.0, None]}))


def test_items_that_split_and_texts_that_instruct_are_told():
    found = audience({"genz": [4.5], "mum": [2.0]})
    assert "apart" in rules(found) and "genz 4.5, mum 2.0" in found.alerts[0].message
    assert "instructions" in rules(Audience.gather([reaction(0, 3.0, flags=("instructions",))]))


def test_rules_have_names_of_their_own_and_say_what_they_look_for():
    assert len({rule.name for rule in RULES}) == len(RULES) == 5
    assert all(rule.says for rule in RULES)


# --- exports ---------------------------------------------------------------------------------------


def test_values_hold_what_was_found():
    made = audience({"genz": [4.0, None, 2.0], "mum": [3.0, 3.0, 1.0]})
    found = json.loads(made.to_json())
    assert found["simulated"] is True and found["standing"] == "uncalibrated"
    assert found["matrix"]["score"] == [[4.0, None, 2.0], [3.0, 3.0, 1.0]]
    assert found["matrix"]["status"][0] == ["ok", "failed", "ok"]
    assert found["personas"][0]["coverage"] == "2 of 3"
    assert found["personas"][0]["best"][0] == {
        "kind": "passage",
        "index": 0,
        "start": 0.0,
        "end": 8.0,
        "score": 4.0,
    }


def test_the_table_has_a_row_for_each_reaction():
    one = reaction(0, 4.0, opinion="=HYPERLINK(1)", scorer="offline@2", seed=7, persona_version="abc")
    rows = list(csv.DictReader(io.StringIO(Audience.gather([one, reaction(1, None)]).to_csv())))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 2
    assert rows[0]["score"] == "4.0" and rows[0]["seed"] == "7" and rows[0]["simulated"] == "true"
    assert rows[0]["opinion"] == "'=HYPERLINK(1)", "no spreadsheet takes it for a formula"
    assert rows[1]["score"] == "" and rows[1]["status"] == "failed"


def test_provenance_keeps_versions_apart():
    made = [
        reaction(0, 4.0, scorer="offline@2", persona_version="a", time="2026-01-01T00:00:00Z"),
        reaction(1, 4.0, scorer="offline@2", persona_version="b", time="2026-01-02T00:00:00Z"),
        reaction(2, None, scorer="offline@2", persona_version="b", time="2026-01-03T00:00:00Z"),
    ]
    rows = Audience.gather(made).to_dict()["provenance"]
    assert [(row["persona_version"], row["scored"], row["reactions"]) for row in rows] == [
        ("a", 1, 1),
        ("b", 1, 2),
    ]
    assert (rows[1]["first"], rows[1]["last"]) == ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")


@pytest.mark.parametrize("count", [1, 5, 40])
def test_exports_are_the_same_each_time(count):
    made = [reaction(i, 1 + (i * 3 % 9) / 2.25, name) for name in ("a", "b") for i in range(count)]
    for export in ("to_json", "to_csv", "to_html"):
        assert getattr(Audience.gather(made), export)() == getattr(Audience.gather(made), export)()
