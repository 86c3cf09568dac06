import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content import read_safety
from edm_core.content.safety import judge_safety
from edm_core.timeline import Passage, Word

TERMS = read_safety()


def spoken(text, language="en"):
    words = tuple(
        Word(i * 0.5, i * 0.5 + 0.4, text=token, probability=0.9) for i, token in enumerate(text.split())
    )
    return Passage(0.0, 60.0, text=text, language=language, words=words)


@pytest.mark.parametrize(
    "text",
    [
        "Kill the lights, this is the moment.",
        "That drop was sick!",
        "She absolutely killed it on stage tonight, a killer tune.",
        "The photo shoot with the bath bomb was to die for.",
        "Scunthorpe and Essex play away on Saturday.",
        "He is dressed to kill and dying to dance.",
        "A night class in the old brass assembly hall.",
    ],
)
def test_hard_negatives_are_clear(text):
    safety = judge_safety(spoken(text), TERMS)
    assert safety.status == "clear", safety


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I'll kill you if you come back.", "violence"),
        ("This is total bullshit, mate.", "profanity"),
        ("What the FUCK was that?", "profanity"),
        ("She said she wanted to end. I want to die, she wrote.", "self_harm"),
        ("Go back where you came from, he shouted.", "hate"),
        ("They found porn on the school computer.", "sexual"),
    ],
)
def test_flags_with_evidence(text, category):
    safety = judge_safety(spoken(text), TERMS)
    assert safety.status == "flagged"
    assert getattr(safety.categories, category) >= TERMS.flag_from[category]
    assert category in {item.category for item in safety.evidence}


def test_evidence_is_verbatim_with_the_words_times():
    passage = spoken("Well, he said: Beat him up, now.")
    (evidence,) = judge_safety(passage, TERMS).evidence
    assert (evidence.quote, evidence.start, evidence.end) == ("Beat him up", 1.5, 2.9)


def test_mild_words_are_reported_and_stay_clear():
    safety = judge_safety(spoken("Damn, that was a good attack by the strikers."), TERMS)
    assert safety.status == "clear"
    assert (safety.categories.profanity, safety.categories.violence) == (1, 2)


def test_another_language_is_unknown():
    safety = judge_safety(spoken("Va bene così", language="it"), TERMS)
    assert safety.status == "unknown" and safety.evidence == ()


def test_without_words_the_passage_gives_the_time():
    (evidence,) = judge_safety(Passage(3.0, 9.0, text="It was crap, honestly"), TERMS).evidence
    assert (evidence.quote, evidence.start, evidence.end) == ("crap", 3.0, 9.0)


@given(st.text(max_size=200))
def test_any_text_is_judged(text):
    safety = judge_safety(Passage(0.0, 5.0, text=text), TERMS)
    flagged = any(getattr(safety.categories, name) >= TERMS.flag_from[name] for name in TERMS.flag_from)
    assert (safety.status == "flagged") == flagged
    assert all(item.quote in text for item in safety.evidence if " " not in item.quote)
