from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.personas import load_personas
from edm_core.personas.offline import SCORER, bell, score
from edm_core.personas.phrases import Phrase
from edm_core.personas.scoring import Heard
from edm_core.timeline import Evidence, Judgement, Passage, Safety, Score, Severities, Target

GENZ = load_personas()["genz"]
LIKED, DISLIKED = GENZ.likes.statements[0], GENZ.dislikes.statements[0]


def embed(texts):
    """A plane in which what Gen Z likes first points right and what it dislikes first points up."""
    axes = {LIKED: (1, 0, 0), DISLIKED: (0, 1, 0)}
    return np.array([axes.get(text, (0, 0, 1)) for text in texts], np.float32)


def judged(label, confidence=0.8):
    return Judgement("ok", label, confidence, (Score(label, confidence),))


BLANK = Judgement("abstained", reason="no label reaches 0.3")
PASSAGE = Passage(5.0, 9.0, text="It is on tonight.", topic=BLANK, tone=BLANK, safety=Safety("clear"))


def react_to(vector=(0, 0, 0), persona=GENZ, phrases=(), **changes):
    heard = Heard(Target("passage", 3), replace(PASSAGE, **changes))
    return score(heard, persona, np.array(vector, np.float32), phrases, embed)


def test_what_it_likes_scores_above_what_it_dislikes():
    liked = react_to(topic=judged("Entertainment"), tone=judged("Humorous"))
    disliked = react_to(topic=judged("Business & Finance"), tone=judged("Analytical"))
    assert liked.score > 3.7 and disliked.score < 2.3
    assert "likes the topic Entertainment (80% sure)" in liked.rationale
    assert "does not like the tone Analytical" in disliked.rationale
    assert liked.opinion == GENZ.anchors[round(liked.score) - 1]


def test_likeness_to_its_sentences_moves_the_score_and_is_named():
    near, far = react_to((0.8, 0, 0)), react_to((0, 0.8, 0))
    assert near.score > 3.4 > 2.6 > far.score
    assert LIKED in near.rationale and DISLIKED in far.rationale


def test_what_speaks_for_it_and_what_against_stand_on_a_line_each():
    lines = react_to(topic=judged("Entertainment"), tone=judged("Analytical")).rationale.splitlines()
    assert [line.split(":")[0] for line in lines] == ["For it", "Against it"]


def test_nothing_known_is_no_neutral_three():
    reaction = react_to((0.1, 0.1, 0))
    assert (reaction.status, reaction.score, reaction.distribution) == ("abstained", None, None)
    assert reaction.note == "no label reaches 0.3" and reaction.opinion is None


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_unfinished_content_is_not_scored(status):
    reaction = react_to((0.9, 0, 0), topic=Judgement(status))
    assert reaction.status == status and reaction.score is None and status in reaction.note


def test_strong_language_costs_the_intolerant_and_is_quoted():
    safety = Safety("flagged", Severities(profanity=5), (Evidence("fuck", 6.0, 6.2, "profanity"),))
    advertiser = load_personas()["advertiser"]
    clean = react_to(persona=advertiser, topic=judged("Food"))
    foul = react_to(persona=advertiser, topic=judged("Food"), safety=safety)
    assert foul.score < clean.score - 1
    assert foul.evidence[0].quote == "fuck" and "profanity of severity 5" in foul.rationale
    assert react_to(topic=judged("Food"), safety=safety).score == react_to(topic=judged("Food")).score


def test_hearing_it_again_costs():
    again = react_to(topic=judged("Food"), repeats=0)
    assert again.score < react_to(topic=judged("Food")).score and "heard it before" in again.rationale


def test_evidence_is_the_phrase_nearest_to_what_decided():
    phrases = [
        Phrase("Well, hello.", 5.0, 6.0, np.array([0.1, 0.9, 0], np.float32)),
        Phrase("It is on tonight.", 6.0, 9.0, np.array([0.9, 0, 0], np.float32)),
    ]
    (evidence,) = react_to((0.8, 0, 0), phrases=phrases).evidence
    assert (evidence.quote, evidence.start) == ("It is on tonight.", 6.0)


def test_less_known_is_less_sure():
    sure = react_to((0.9, 0, 0), topic=judged("Food", 0.9), tone=judged("Humorous", 0.9))
    unsure = react_to(topic=judged("Food", 0.3))
    assert sure.confidence > unsure.confidence


def test_provenance():
    reaction = react_to(topic=judged("Food"))
    assert reaction.scorer == SCORER == "offline@1" and reaction.calibrated is False
    assert (reaction.start, reaction.end, reaction.target.index) == (5.0, 9.0, 3)


@given(st.floats(1, 5), st.floats(0.3, 3))
def test_a_bell_is_a_distribution(middle, width):
    shares = bell(middle, width)
    assert sum(shares) == pytest.approx(1.0, abs=1e-9) and min(shares) >= 0


topics = st.sampled_from(["Food", "Politics", "Sports", "Science"])
tones = st.sampled_from(["Humorous", "Serious", "Neutral"])


@given(topics, tones, st.floats(0, 1), st.floats(-1, 1), st.floats(-1, 1), st.integers(0, 7))
def test_any_passage_has_a_score_in_range(topic, tone, confidence, x, y, severity):
    evidence = (Evidence("word", 5.0, 5.1, "violence"),) if severity else ()
    safety = Safety("clear", Severities(violence=severity), evidence)
    for persona in load_personas().values():
        reaction = react_to(
            (x, y, 0), persona, topic=judged(topic, confidence), tone=judged(tone, confidence), safety=safety
        )
        mean = sum(place * share for place, share in enumerate(reaction.distribution, start=1))
        assert 1 <= reaction.score <= 5 and reaction.score == pytest.approx(mean, abs=1e-3)
        assert 0 <= reaction.confidence <= 1
