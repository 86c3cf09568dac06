import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.speech import edit_distance
from benchmarks.transcription.numerals import digits_of, runs
from benchmarks.transcription.words import Compared, Timed, align, compare, normal, tokens

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("one hundred and twenty eight beats", "128 beats"),
        ("nineteen sixty nine", "1969"),
        ("forty million euros", "40 million euros"),
        ("seven thirty", "7:30"),
        ("seven oh five", "7:05"),
        ("twelve percent", "12%"),
        ("five dollars", "$5"),
        ("twenty-first", "21st"),
        ("eleven thousand two hundred", "11,200"),
        ("the theatre by the harbour", "The theater, by the harbor."),
        ("it's six o'clock", "Its 6 oclock"),
        ("at nine pm", "at 9 p.m."),
    ],
)
def test_what_is_said_and_how_it_is_written_are_the_same(said: str, written: str) -> None:
    assert normal(said) == normal(written)


def test_different_numbers_and_words_stay_different() -> None:
    assert normal("twenty three") != normal("twenty four")
    assert normal("three hundred") != normal("three thousand")
    assert normal("no") != normal("know")
    assert normal("he and she") == ["he", "and", "she"]


def test_other_languages_keep_their_numbers_and_lose_their_accents() -> None:
    assert normal("Été 2 fois", "fr") == ["ete", "2", "fois"]
    assert normal("six fois", "fr") == ["six", "fois"]


def test_numbers_next_to_each_other_are_one_run() -> None:
    assert runs(["two", "and", "three"]) == [(0, 1), (2, 3)]
    assert runs(["two", "hundred", "and", "three"]) == [(0, 4)]
    assert digits_of(["two", "hundred", "thousand", "and", "five"]) == "200005"


def test_times_of_joined_numbers_reach_from_the_first_word_to_the_last() -> None:
    said = [Timed("twenty", 1.0, 1.4), Timed("three", 1.4, 1.8), Timed("men", 1.8, 2.0)]
    assert tokens(said) == [Timed("23", 1.0, 1.8), Timed("men", 1.8, 2.0)]


def test_a_word_of_two_parts_has_no_time_between_them() -> None:
    assert tokens([Timed("well-known", 1.0, 2.0)]) == [Timed("well", 1.0, None), Timed("known", None, 2.0)]


@given(WORDS, WORDS)
def test_an_alignment_has_every_word_once_and_as_many_errors_as_the_edit_distance(
    reference: list[str], hypothesis: list[str]
) -> None:
    pairs = align(reference, hypothesis)
    assert [i for i, _ in pairs if i is not None] == list(range(len(reference)))
    assert [j for _, j in pairs if j is not None] == list(range(len(hypothesis)))
    wrong = sum(i is None or j is None or reference[i] != hypothesis[j] for i, j in pairs)
    assert wrong == edit_distance(reference, hypothesis)


def test_errors_belong_to_the_utterance_they_are_in_and_times_to_words_that_are_right() -> None:
    lines = [
        [Timed("good", 0.0, 0.4), Timed("morning", 0.4, 1.0)],
        [Timed("it", 2.0, 2.2), Timed("rains", 2.2, 2.8)],
    ]
    heard = [
        Timed("Good", 0.05, 0.35),
        Timed("morning,", 0.35, 1.0),
        Timed("er", 1.5, 1.6),  # too many: the first utterance's
        Timed("it", 2.0, 2.2),
        Timed("reigns", 9.0, 9.5),  # wrong: its times do not count
    ]
    assert compare(lines, heard, "en") == [
        Compared(2, 1, (0.05, -0.05), (-0.05, 0.0)),
        Compared(2, 1, (0.0,), (0.0,)),
    ]


def test_times_that_are_not_known_are_not_compared() -> None:
    (found,) = compare([[Timed("hello", None, 1.0)]], [Timed("hello", 0.2, 1.1)], "en")
    assert found == Compared(1, 0, (), (0.1,))
