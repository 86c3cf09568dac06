import numpy as np
import pytest

from edm_core.models.embedding import DIMENSIONS, minilm
from edm_core.settings import Settings


@pytest.fixture(scope="module")
def embed(tmp_path_factory):
    return minilm(settings=Settings(data_dir=tmp_path_factory.mktemp("data")))


def test_rows_have_length_one(embed):
    rows = embed(["Rain is coming.", "x", "a b c " * 500, "über 東京 🔥"])
    assert rows.shape == (4, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_empty_text_is_zero_and_no_text_is_no_row(embed):
    assert not embed(["", "  "]).any()
    assert embed([]).shape == (0, DIMENSIONS)


def test_a_text_does_not_depend_on_its_neighbours(embed):
    alone = embed(["Rain is coming."])[0]
    np.testing.assert_array_equal(
        alone, embed(["A much longer sentence about football. " * 5, "Rain is coming."])[1]
    )


def test_meaning_is_near(embed):
    rain, storm, goal = embed(
        ["Rain is coming tonight.", "A storm will arrive this evening.", "She scored the winning goal."]
    )
    assert rain @ storm > rain @ goal + 0.2
