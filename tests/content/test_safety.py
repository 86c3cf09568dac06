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


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("What the f*** is that?", "f***"),
        ("Oh sh*t, we are live.", "sh*t"),
        ("You f**king legend!", "f**king"),
        ("For f***'s sake, pick it up.", "f***'s"),
        ("That sh1t again.", "sh1t"),
        ("A load of bull****, mate.", "bull****"),
    ],
)
def test_masked_words_are_read(text, word):
    safety = judge_safety(spoken(text), TERMS)
    assert safety.status == "flagged" and safety.categories.profanity >= 4
    assert safety.evidence[0].quote == word


@pytest.mark.parametrize(
    ("reported", "said"),
    [
        (
            "Police said that two men were stabbed and one was killed.",
            "I swear I will stab you and kill you.",
        ),
        ("The helpline is there for people with thoughts of suicide.", "I think of suicide every day."),
        ("In the film she shoots him and burns the house down.", "I'll shoot him and burn the house down."),
    ],
)
def test_reporting_preventing_and_playing_are_no_deed(reported, said):
    assert judge_safety(spoken(reported), TERMS).status == "clear"
    assert judge_safety(spoken(said), TERMS).status == "flagged"


def test_a_report_does_not_cover_what_is_extreme():
    safety = judge_safety(spoken("Police said he told them to kill them all and decapitate the rest."), TERMS)
    assert safety.status == "flagged"


@pytest.mark.parametrize(
    "text",
    ["I am stabbing you.", "They will strangle you.", "I am going to shoot them.", "I swear I'll stab her."],
)
def test_threats_in_any_form(text):
    assert judge_safety(spoken(text), TERMS).categories.violence >= TERMS.flag_from["violence"]


def test_likeness_and_patterns_are_weighed_together():
    weights, flag = TERMS.evidence, TERMS.flag_from["violence"]
    threat = spoken("I will stab you.")
    assert judge_safety(threat, TERMS).status == "flagged"
    enough = weights["flag"] - weights["strong"]
    assert judge_safety(threat, TERMS, {"violence": enough + 0.01}).status == "flagged"
    doubted = judge_safety(threat, TERMS, {"violence": enough - 0.01})
    assert (doubted.status, doubted.categories.violence) == ("clear", flag - 1)


def test_likeness_alone_flags_when_high_and_the_passage_is_the_evidence():
    veiled, level = spoken("The evening will be quiet."), TERMS.evidence["flag"]
    assert judge_safety(veiled, TERMS, {"violence": level - 0.01}).status == "clear"
    flagged = judge_safety(veiled, TERMS, {"violence": level + 0.01})
    assert (flagged.status, flagged.categories.violence) == ("flagged", TERMS.flag_from["violence"])
    (evidence,) = flagged.evidence
    assert (evidence.start, evidence.end) == (veiled.words[0].start, veiled.words[-1].end)


def test_strong_profanity_needs_no_support():
    assert judge_safety(spoken("What the fuck."), TERMS, {"profanity": -9.0}).status == "flagged"


def test_likeness_is_that_to_the_examples(tmp_path):
    from edm_core.content.safety import likenesses
    from edm_core.models import minilm
    from edm_core.settings import Settings

    settings = Settings(data_dir=tmp_path)
    embed = minilm(settings=settings)
    texts = ["Nobody would miss me, I have counted the pills.", "The choir sings on Sunday at ten.", ""]
    dark, plain, empty = likenesses(embed(texts), TERMS, embed, settings)
    assert dark["self_harm"] > 0 > plain["self_harm"] and empty == {}
