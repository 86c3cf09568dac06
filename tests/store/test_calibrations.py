"""Calibrations: the newest of a scorer holds, and the others stay."""

from __future__ import annotations

import pytest

from edm_core.errors import StorageError
from edm_core.settings import Settings
from edm_core.store.annotations import Annotations
from edm_core.store.calibrations import Calibrations


def test_the_newest_of_a_scorer_holds_until_none_does(settings: Settings) -> None:
    store = Calibrations(settings)
    assert store.newest("offline@2") is None
    store.add("offline@2", {"slope": 0.5, "n": 40}, who="Ada")
    store.add("language-model@1", {"slope": 2.0})
    store.add("offline@2", {"slope": 0.25})
    assert store.newest("offline@2") == {"slope": 0.25}
    store.add("offline@2", None)
    assert store.newest("offline@2") is None and store.newest("language-model@1") == {"slope": 2.0}
    history = Calibrations(settings).history("offline@2")
    assert [(kept.document, kept.who) for kept in history] == [
        (None, ""), ({"slope": 0.25}, ""), ({"n": 40, "slope": 0.5}, "ada"),
    ]  # fmt: skip
    assert len(store.history()) == 4
    assert {row.who for row in Annotations(settings).audit()} == {"ada", "workbench"}


@pytest.mark.parametrize(
    ("scorer", "document"), [("", {}), ("s" * 201, {}), ("offline@2", {"x": float("nan")}), ("o", {"x": {1}})]
)
def test_what_cannot_be_kept_changes_nothing(settings: Settings, scorer: str, document: dict) -> None:
    with pytest.raises(StorageError):
        Calibrations(settings).add(scorer, document)
    assert Calibrations(settings).history() == ()
