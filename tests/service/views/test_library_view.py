"""What the Library page asks for: filters that are not set do not narrow."""

from typing import Any

import pytest

from edm_core.service.views.library_view import (
    FASTEST,
    LENGTH_NAMES,
    LENGTHS,
    SLOWEST,
    SORTS,
    SPEECH,
    STATUSES,
    narrowed,
    question_of,
)
from edm_core.store.entry_pages import SORTS as KNOWN


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tempo": (SLOWEST, FASTEST), "length": (LENGTH_NAMES[0], LENGTH_NAMES[-1]), "speech": "Any"},
        {"tag": [], "status": [], "key": None, "search": None, "sort": None},
    ],
)
def test_what_is_not_set_does_not_narrow(values: dict[str, Any]) -> None:
    assert (
        question_of(values) == {"search": "", "sort": "added", "descending": True} and narrowed(values) == 0
    )


def test_every_filter_narrows() -> None:
    values = {
        "tag": ["a"], "status": list(STATUSES), "tempo": (SLOWEST, FASTEST - 1), "key": "8A",
        "length": (LENGTH_NAMES[2], LENGTH_NAMES[4]), "speech": "Without speech", "sort": "Longest",
    }  # fmt: skip
    asked = question_of(values)
    assert narrowed(values) == 6 and asked["duration"] == (180.0, 600.0) and asked["bpm"] == (None, 199.0)
    assert asked["speech"] is False and (asked["sort"], asked["descending"]) == ("duration", True)
    assert asked["status"] == ("done", "queued", "running", "failed", "cancelled") and asked["tags"] == ("a",)


def test_all_orders_are_known_and_steps_have_names() -> None:
    assert {sort for sort, _ in SORTS.values()} == set(KNOWN) and len(LENGTHS) == len(LENGTH_NAMES)
    assert set(SPEECH.values()) == {None, True, False}
