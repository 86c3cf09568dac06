"""Agreement: against mir_eval, published examples of alpha, hand-made kappas, and what must not matter."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.annotation import Annotation
from edm_core.evaluation import MEASURES, agreement
from edm_core.evaluation._coding import alpha, coincidences, kappa
from edm_core.evaluation._pairing import aligned, matched
from edm_core.evaluation.agreement import LOWER_IS_BETTER, TITLES, over
from edm_core.grid import Grid, GridSegment
from edm_core.items import Judgement, Key, Passage, Safety, Section, Span, Word
from edm_core.vocabulary import SECTION_LABELS

LABELS = ("intro", "buildup", "drop", "breakdown", "outro")


def form(*parts: tuple[float, str], end: float) -> Annotation:
    starts = [*(start for start, _ in parts), end]
    return Annotation(
        sections=tuple(
            Section(start, after, label) for (start, label), after in zip(parts, starts[1:], strict=True)
        )
    )


def value(found: Any, measure: str) -> float:
    figure = found.figures[measure]
    assert figure.value is not None, figure.reason
    return float(figure.value)


@st.composite
def forms(draw: st.DrawFn) -> Annotation:
    # Odd thousandths: no two boundaries lie exactly on the edge of a window or on a point of the grid.
    inner = sorted(set(draw(st.lists(st.integers(1, 1199), max_size=12))))
    starts = [0.0, *(tick / 10 + 0.013 + draw(st.integers(0, 9)) / 1000 for tick in inner)]
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=len(starts), max_size=len(starts)))
    return form(*zip(starts, labels, strict=True), end=120.0)


# --- referees --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(forms(), forms())
def test_boundaries_and_v_measure_are_those_of_mir_eval(one: Annotation, other: Annotation) -> None:
    found = agreement({"a": one, "b": other}, 120.0, draws=0)
    intervals = [np.array([(s.start, s.end) for s in each.sections or ()]) for each in (one, other)]
    labels = [[s.label for s in each.sections or ()] for each in (one, other)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of recordings without boundaries
        for measure, window in (("boundaries_05", 0.5), ("boundaries_3", 3.0)):
            theirs = mir_eval.segment.detection(intervals[0], intervals[1], window=window, trim=True)[2]
            if all(len(each) == 1 for each in intervals):
                assert found.figures[measure].value is None
                assert "neither marks a boundary" in (found.figures[measure].reason or "")
            else:
                assert value(found, measure) == pytest.approx(theirs)
        vmeasure = mir_eval.segment.vmeasure(intervals[0], labels[0], intervals[1], labels[1])[2]
    if all(len(set(each)) == 1 for each in labels):
        vmeasure = 1.0  # where there is nothing to tell apart, the paper has 1, mir_eval 0
    assert value(found, "v_measure") == pytest.approx(vmeasure, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.integers(0, 2000), max_size=40, unique=True),
    st.lists(st.integers(0, 2000), max_size=40, unique=True),
)
def test_as_many_moments_are_matched_as_mir_eval_matches(one: list[int], other: list[int]) -> None:
    ours, theirs = (np.array(sorted(times), dtype=float) for times in (one, other))
    found = matched(ours.tolist(), theirs.tolist(), 7.0)
    assert all(abs(ours[i] - theirs[j]) <= 7 for i, j in found)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    assert len(found) == len(mir_eval.util.match_events(ours, theirs, 7.0))


def test_downbeats_are_those_of_mir_eval() -> None:
    grids = [GridSegment(0.02, 128.0), GridSegment(0.05, 128.05)]
    downbeats = [
        np.array([beat.time for beat in Grid((grid,)).beats(300.0) if beat.position == 1]) for grid in grids
    ]
    found = agreement({name: Annotation(grid=(grid,)) for name, grid in zip("ab", grids, strict=True)}, 300.0)
    assert value(found, "downbeats") == pytest.approx(mir_eval.beat.f_measure(*downbeats))
    assert 0 < value(found, "downbeats") < 1
    assert value(found, "tempo") == pytest.approx(0.05)


# Krippendorff, K. (2011): Computing Krippendorff's Alpha-Reliability, examples B (two observers, nominal) and
# C (four observers, missing values); example A stands in the docstring of `alpha`.
EXAMPLE_B = ("aabbdcccedda", "babbbcccedd" + "d")
EXAMPLE_C = ("123321412...", "1233224125.3", ".33323422" + "51.", "123324412" + "51.")


def coded(rows: tuple[str, ...]) -> tuple[np.ndarray[Any, Any], int]:
    letters = sorted(set("".join(rows)) - {"."})
    return np.array([[letters.index(x) if x != "." else -1 for x in row] for row in rows]), len(letters)


@pytest.mark.parametrize(("rows", "published"), [(EXAMPLE_B, 0.692), (EXAMPLE_C, 0.743)])
def test_alpha_is_that_of_the_published_examples(rows: tuple[str, ...], published: float) -> None:
    codes, labels = coded(rows)
    matrix = coincidences(codes, labels, np.zeros(codes.shape[1], dtype=int)).sum(axis=0)
    assert float(alpha(matrix)) == pytest.approx(published, abs=5e-4)


def test_alpha_of_two_raters_is_scotts_pi_but_for_the_size_of_the_sample() -> None:
    codes, labels = coded(EXAMPLE_B)
    matrix = coincidences(codes, labels, np.zeros(12, dtype=int)).sum(axis=0)
    shares = matrix.sum(axis=0) / matrix.sum()
    same, chance = np.trace(matrix) / matrix.sum(), (shares**2).sum()
    pi = (same - chance) / (1 - chance)
    assert float(alpha(matrix)) == pytest.approx(1 - (1 - pi) * 23 / 24)


def test_kappa_is_what_one_gets_by_hand() -> None:
    # Of ten points they agree on 7: p_o = .7; p_e = .6 · .5 + .4 · .5 = .5; (.7 - .5) / (1 - .5) = .4
    assert float(kappa(np.array([[4.0, 2.0], [1.0, 3.0]]))) == pytest.approx(0.4)


def test_kappa_of_a_recording_is_what_one_gets_by_hand() -> None:
    one = form((0.0, "intro"), (6.0, "drop"), end=10.0)
    other = form((0.0, "intro"), (5.0, "drop"), end=10.0)
    # 60 and 40 points against 50 and 50: p_o = .9, p_e = .6 · .5 + .4 · .5 = .5
    assert value(agreement({"a": one, "b": other}, 10.0), "kappa") == pytest.approx(0.8)


@settings(deadline=None, max_examples=60)
@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_words_are_aligned_with_the_fewest_errors(one: str, other: str) -> None:
    def errors(left: str, right: str) -> int:
        if not left or not right:
            return len(left) + len(right)
        return min(
            errors(left[1:], right) + 1,
            errors(left, right[1:]) + 1,
            errors(left[1:], right[1:]) + (left[0] != right[0]),
        )

    one, other = one[:6], other[:6]
    pairs = aligned(spoken(one), spoken(other))
    assert [i for i, _ in pairs if i is not None] == list(range(len(one)))
    assert [j for _, j in pairs if j is not None] == list(range(len(other)))
    wrong = sum(i is None or j is None or one[i] != other[j] for i, j in pairs)
    assert wrong == errors(one, other)


def spoken(text: Any) -> list[Word]:
    return [Word(i * 0.4, i * 0.4 + 0.3, text=word, probability=None) for i, word in enumerate(text)]


# --- what must not matter --------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(forms(), forms(), forms(), st.permutations(range(3)))
def test_the_order_of_raters_does_not_matter(
    one: Annotation, other: Annotation, third: Annotation, order: list[int]
) -> None:
    said = [one, other, third]
    before = agreement({f"r{i}": each for i, each in enumerate(said)}, 120.0, draws=0)
    after = agreement({f"r{i}": said[i] for i in order}, 120.0, draws=0)
    assert before == after
    turned = agreement({f"r{2 - i}": each for i, each in enumerate(said)}, 120.0, draws=0)
    for measure in MEASURES:
        ours, theirs = before.figures[measure].value, turned.figures[measure].value
        assert (ours is None) == (theirs is None)
        assert ours is None or ours == pytest.approx(theirs)


@settings(deadline=None, max_examples=40)
@given(forms(), forms(), st.permutations(LABELS))
def test_what_labels_are_called_does_not_matter(one: Annotation, other: Annotation, names: list[str]) -> None:
    renamed = dict(zip(LABELS, names, strict=True))

    def other_names(annotation: Annotation) -> Annotation:
        return Annotation(
            sections=tuple(replace(each, label=renamed[each.label]) for each in annotation.sections or ())
        )

    before = agreement({"a": one, "b": other}, 120.0, draws=0)
    after = agreement({"a": other_names(one), "b": other_names(other)}, 120.0, draws=0)
    for measure in ("v_measure", "kappa", "alpha", "boundaries_05"):
        ours, theirs = before.figures[measure].value, after.figures[measure].value
        assert ours == theirs or ours == pytest.approx(theirs)


@settings(deadline=None, max_examples=40)
@given(forms())
def test_a_rater_agrees_with_themselves(one: Annotation) -> None:
    found = agreement({"a": one, "b": one}, 120.0, draws=0)
    for measure in ("boundaries_05", "v_measure", "kappa", "alpha"):
        figure = found.figures[measure]
        assert figure.value is None or figure.value == pytest.approx(1.0)
        assert (figure.value is None) == (figure.reason is not None)


def test_labels_drawn_by_chance_agree_as_chance_does() -> None:
    rng = np.random.default_rng(3)

    def random() -> Annotation:
        return form(*((float(i), str(rng.choice(LABELS))) for i in range(3000)), end=3000.0)

    found = agreement({name: random() for name in "abc"}, 3000.0, draws=200)
    for measure in ("kappa", "alpha"):
        figure = found.figures[measure]
        assert value(found, measure) == pytest.approx(0.0, abs=0.03)
        assert figure.low is not None and figure.high is not None and figure.low < 0.0 < figure.high


# --- what is missing -------------------------------------------------------------------------------


def test_a_rater_alone_has_no_agreement_and_is_told_so() -> None:
    found = agreement({"ada": form((0.0, "intro"), (9.0, "drop"), end=20.0)}, 20.0)
    assert {figure.value for figure in found.figures.values()} == {None}
    assert {figure.reason for figure in found.figures.values()} == {"only ada annotated it"}
    assert found.pairs == ()
    assert agreement({}, 20.0).figures["alpha"].reason == "nobody annotated it"


def test_what_only_one_annotated_is_absent_with_its_reason() -> None:
    sections = form((0.0, "intro"), (9.0, "drop"), end=20.0)
    found = agreement({"ada": sections, "ben": Annotation(grid=(GridSegment(0.0, 128.0),))}, 20.0)
    assert found.figures["kappa"].reason == "not both marked sections"
    assert found.figures["alpha"].reason == "only ada marked sections"
    assert found.figures["tempo"].reason == "not both set a beat grid"


def test_one_label_throughout_leaves_chance_corrected_measures_undefined() -> None:
    plain = form((0.0, "other"), end=20.0)
    found = agreement({"ada": plain, "ben": plain}, 20.0)
    for measure in ("kappa", "alpha"):
        assert found.figures[measure].value is None
        assert "one label" in (found.figures[measure].reason or "")
    assert value(found, "v_measure") == 1.0


def test_missing_values_count_for_nobody() -> None:
    whole = form((0.0, "intro"), (10.0, "drop"), (20.0, "outro"), end=30.0)
    part = Annotation(sections=(Section(10.0, 20.0, "drop"), Section(20.0, 30.0, "intro")))
    found = agreement({"a": whole, "b": whole, "c": part}, 30.0)
    # At 200 of 300 points three speak, at the others two; c differs on 100 of them.
    codes = np.array([[0] * 100 + [1] * 100 + [2] * 100] * 2 + [[-1] * 100 + [1] * 100 + [0] * 100])
    byhand = float(alpha(coincidences(codes, 3, np.zeros(300, dtype=int)).sum(axis=0)))
    assert value(found, "alpha") == pytest.approx(byhand)
    pair = next(pair for pair in found.pairs if (pair.a, pair.b) == ("a", "c"))
    assert pair.figures["kappa"].value is not None


# --- speech, key -----------------------------------------------------------------------------------


def test_words_passages_and_their_labels_are_compared() -> None:
    def talk(words: str, topic: str, start: float, safety: Any = "clear") -> Annotation:
        passages = (
            Passage(0.0, start, text="", topic=Judgement("ok", "News"), safety=Safety("clear")),
            Passage(start, 60.0, text="", topic=Judgement("ok", topic), safety=Safety(safety)),
        )
        activity = (Span(0.0, start, "speech"), Span(start, 60.0, "music"))
        return Annotation(words=tuple(spoken(words.split())), passages=passages, activity=activity)

    same = talk("Good morning, London.", "Sport", 30.0)
    found = agreement({"a": same, "b": talk("good morning london", "Sport", 30.0)}, 60.0)
    assert value(found, "words") == 0.0
    assert value(found, "passages") == value(found, "topic") == value(found, "activity") == 1.0
    assert found.figures["tone"].reason == "not both judged tones"
    assert found.figures["safety"].value is None  # clear throughout

    found = agreement({"a": same, "b": talk("good evening to London", "News", 34.0, "flagged")}, 60.0)
    assert value(found, "words") == pytest.approx(2 / 3.5)
    assert value(found, "passages") == pytest.approx(0.5)
    assert value(found, "topic") == pytest.approx(0.0)
    assert value(found, "safety") == pytest.approx(0.0)
    assert value(found, "activity") < 1.0


def test_a_topic_that_nobody_can_tell_is_an_answer() -> None:
    def about(*judged: Judgement) -> Annotation:
        return Annotation(
            passages=tuple(Passage(10.0 * i, 10.0 * i + 10, text="", topic=j) for i, j in enumerate(judged))
        )

    cannot = Judgement("abstained", reason="cannot tell")
    one = about(cannot, Judgement("ok", "News"))
    assert value(agreement({"a": one, "b": one}, 20.0), "topic") == 1.0
    pending = agreement({"a": one, "b": about(Judgement("pending"), Judgement("pending"))}, 20.0)
    assert pending.figures["topic"].reason == "not both judged topics"


def test_keys_are_the_same_for_a_share_of_the_time() -> None:
    one = Annotation(key=(Key(0.0, 60.0, name="A minor", camelot="8A"),))
    other = Annotation(
        key=(Key(0.0, 45.0, name="A minor", camelot="8A"), Key(45.0, 60.0, name="C major", camelot="8B"))
    )
    assert value(agreement({"a": one, "b": other}, 60.0), "key") == pytest.approx(0.75)


def test_a_long_transcript_is_aligned_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.evaluation._pairing._MOST_CELLS", 400)
    words = spoken([f"w{i}" for i in range(120)])
    extra = Word(24.1, 24.2, text="extra", probability=None)
    changed = [replace(words[0], text="x"), *words[1:61], extra, *words[61:-1], replace(words[-1], text="y")]
    pairs = aligned(words, changed)
    assert [i for i, _ in pairs if i is not None] == list(range(120))
    assert sum(i is None or j is None or words[i].text != changed[j].text for i, j in pairs) == 3


# --- intervals -------------------------------------------------------------------------------------


def test_intervals_of_a_recording_are_by_blocks_seeded_and_hold_the_value() -> None:
    one = form(*((20.0 * i, LABELS[i % 5]) for i in range(15)), end=300.0)
    other = form(*((20.0 * i + (i % 3), LABELS[i % 4]) for i in range(15)), end=300.0)
    found = agreement({"a": one, "b": other}, 300.0, seed=1)
    assert found.figures["v_measure"].low is None
    for measure in ("boundaries_05", "kappa", "alpha"):
        figure = found.figures[measure]
        assert figure.basis == "blocks" and figure.units == 10
        assert figure.low is not None and figure.high is not None and figure.value is not None
        assert figure.low <= figure.value <= figure.high and figure.low < figure.high
    assert agreement({"a": one, "b": other}, 300.0, seed=1) == found
    assert agreement({"a": one, "b": other}, 300.0, seed=2) != found


def test_short_recordings_and_tempi_have_no_interval() -> None:
    one = form((0.0, "intro"), (50.0, "drop"), end=100.0)
    assert agreement({"a": one, "b": one}, 100.0).figures["boundaries_05"].low is None
    grid = Annotation(grid=(GridSegment(0.0, 128.0),))
    assert agreement({"a": grid, "b": grid}, 900.0).figures["tempo"].low is None


def test_the_interval_of_a_corpus_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    true = 0.75  # of two boundaries, each is met with this probability

    def track() -> Any:
        off = [0.0 if rng.random() < true else 5.0 for _ in range(2)]
        one = form((0.0, "intro"), (20.0, "drop"), (40.0, "outro"), end=60.0)
        other = form((0.0, "intro"), (20.0 + off[0], "drop"), (40.0 + off[1], "outro"), end=60.0)
        return agreement({"a": one, "b": other}, 60.0, draws=0)

    inside = 0
    for trial in range(60):
        figure = over([track() for _ in range(40)], draws=300, seed=trial)["boundaries_05"]
        assert figure.low is not None and figure.high is not None and figure.basis == "recordings"
        inside += figure.low <= true <= figure.high
    assert inside >= 51  # 95 % of 60 is 57; fewer than 51 would come once in some thousand


def test_a_corpus_takes_alpha_over_all_points_and_leaves_out_who_has_none() -> None:
    plain = form((0.0, "drop"), end=60.0)
    two = form((0.0, "intro"), (30.0, "drop"), end=60.0)
    tracks = [
        agreement({"a": plain, "b": plain}, 60.0),
        agreement({"a": two, "b": plain}, 60.0),
        agreement({"a": two}, 60.0),
    ]
    found = over(tracks)
    assert tracks[0].figures["alpha"].value is None
    codes = np.array([[2] * 600 + [0] * 300 + [2] * 300, [2] * 1200])
    labels = len(SECTION_LABELS)
    byhand = float(alpha(coincidences(codes, labels, np.zeros(1200, dtype=int)).sum(axis=0)))
    assert found["alpha"].value == pytest.approx(byhand)
    assert found["alpha"].low is None  # two recordings make no interval
    assert found["words"].reason == "not both wrote down words"
    assert over([])["kappa"].reason == "no recordings to compare"


# --- size ------------------------------------------------------------------------------------------


def test_fifty_thousand_sections_are_compared() -> None:
    one = form(*((0.07 * i, LABELS[i % 5]) for i in range(50_000)), end=3500.0)
    found = agreement({"a": one, "b": one}, 3500.0, draws=100)
    assert value(found, "boundaries_05") == value(found, "kappa") == 1.0


def test_a_recording_shorter_than_the_time_grid_says_why_it_has_no_labels() -> None:
    tiny = form((0.0, "drop"), end=0.05)
    found = agreement({"a": tiny, "b": tiny}, 0.05)
    assert all(figure.value is None and figure.reason for figure in found.figures.values())


def test_every_measure_has_a_title_and_lies_in_its_range() -> None:
    assert set(TITLES) == set(MEASURES)
    one = form((0.0, "intro"), (50.0, "drop"), end=100.0)
    for measure, figure in agreement({"a": one, "b": one}, 100.0).figures.items():
        if figure.value is not None:
            assert figure.value == (0.0 if measure in LOWER_IS_BETTER else 1.0)
            assert math.isfinite(figure.value)
