from dataclasses import replace

import numpy as np
import pytest

from edm_core.content.sentences import vector_of
from edm_core.models import minilm
from edm_core.personas import load_personas
from edm_core.personas.taste import cares, seen, taste_of
from edm_core.settings import Settings

GENZ = load_personas()["genz"]


@pytest.fixture(scope="module")
def embed(tmp_path_factory):
    return minilm(settings=Settings(data_dir=tmp_path_factory.mktemp("data")))


def likeness(taste, text, embed):
    vector = vector_of(text, embed)[None]
    (found,) = taste(seen([text], vector), vector)
    return found


def test_its_own_sentences_stand_at_their_ends(embed):
    taste = taste_of(GENZ, embed)
    liked = [likeness(taste, text, embed).value for text in GENZ.likes.statements]
    disliked = [likeness(taste, text, embed).value for text in GENZ.dislikes.statements]
    assert min(liked) > 0 > max(disliked)


def test_the_nearest_sentence_is_told(embed):
    text = GENZ.likes.statements[0]
    sentence, near = likeness(taste_of(GENZ, embed), text, embed).liked
    assert sentence == text and near == pytest.approx(1.0, abs=1e-4)


def test_two_editions_of_a_persona_have_tastes_of_their_own(embed):
    turned = replace(GENZ, likes=GENZ.dislikes, dislikes=GENZ.likes, version="turned")
    text = GENZ.likes.statements[0]
    assert (
        likeness(taste_of(turned, embed), text, embed).value
        < 0
        < likeness(taste_of(GENZ, embed), text, embed).value
    )


def test_taste_is_the_same_every_time(embed):
    one = taste_of(GENZ, embed)
    other = taste_of(replace(GENZ, version="once more"), embed)
    assert one is not other and np.array_equal(one.weights, other.weights)


def test_care_is_weighed_by_the_rubric():
    rubric = replace(GENZ.rubric, topic=1.0, tone=0.0)
    assert (
        cares(replace(GENZ, rubric=rubric), "Entertainment", "Analytical")
        == GENZ.likes.topics["Entertainment"]
    )
    silent = replace(GENZ.rubric, topic=0.0, tone=0.0)
    assert cares(replace(GENZ, rubric=silent), "Entertainment", "Humorous") == 0.0
