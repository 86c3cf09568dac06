"""What counts as an answer."""

from __future__ import annotations

import pytest

from edm_core.remote.answers import Said, read

SCORE = {"type": "object", "properties": {"score": {"type": "number", "maximum": 5}}, "required": ["score"]}


@pytest.mark.parametrize(
    "text",
    [
        '{"score": 4}',
        'Of course! ```json\n{"score": 4}\n```',
        '{this is no JSON} but {"score": 4} is',
        '<think>{"score": 1}</think>{"score": 4}',
        '{"mark": 2} {"score": 4} {"score": 5}',
    ],
)
def test_the_first_object_that_fits_is_the_answer(text):
    assert read(Said(text), [SCORE]) == ({"score": 4}, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("[4]", "no JSON object"),
        ('{"score": NaN}', "no JSON object"),
        ('{"score": 1e999}', "greater than the maximum"),
        ('{"score": "4"}', "score: '4' is not of type"),
        ("{" * 5_000 + "}" * 5_000, "no JSON object"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "no JSON object"),
    ],
)
def test_what_does_not_fit_is_told(text, problem):
    found, told = read(Said(text), [SCORE])
    assert found is None and problem in told


def test_what_was_cut_off_is_told():
    assert read(Said('{"score": 4, "why": "beca', cut=True), [SCORE]) == (None, "its answer was cut off")


def test_a_further_schema_will_do():
    other = {"type": "object", "required": ["mark"]}
    assert read(Said('{"mark": "B"}'), [SCORE, other]) == ({"mark": "B"}, "")
