"""Agreement over a store, and what is settled: whose lines are compared, and that a reference says how it came."""

from __future__ import annotations

import pytest

from edm_core.annotation import Annotation
from edm_core.errors import EdmError, StorageError
from edm_core.evaluation import differences
from edm_core.items import Section
from edm_core.store import Library
from edm_core.store.agreements import compared, settle
from edm_core.store.annotations import Annotations, Revision


def parts(at: float) -> Annotation:
    return Annotation(sections=(Section(0.0, at, "intro"), Section(at, 60.0, "drop")))


def save(store: Annotations, recording: str, author: str, at: float) -> Revision:
    head = store.head(recording, author)
    number = head.number if head else None
    return store.save(recording, author, parts(at), parent=number, duration=60.0, tool="test")


@pytest.fixture
def store(library: Library) -> Annotations:
    return library.annotations


def test_recordings_that_two_annotated_are_compared_the_worst_first(store: Annotations) -> None:
    for recording, at in (("sha256:aa", 30.2), ("sha256:bb", 40.0), ("sha256:cc", 31.0)):
        save(store, recording, "ada", 30.0)
        save(store, recording, "ben", at)
    save(store, "sha256:dd", "ada", 30.0)
    assert [each.recording for each in compared(store)] == ["sha256:bb", "sha256:cc", "sha256:aa"]
    assert [each.recording for each in compared(store, ["sha256:aa", "sha256:dd"])] == ["sha256:aa"]
    save(store, "sha256:aa", "cleo", 30.0)
    (first,) = compared(store, ["sha256:aa"])
    assert first.agreement.raters == ("ada", "ben", "cleo") and len(first.agreement.pairs) == 3
    (first,) = compared(store, ["sha256:aa"], raters=["Ada", "cleo"])
    assert first.agreement.raters == ("ada", "cleo")


def test_a_new_revision_is_compared_anew(store: Annotations) -> None:
    save(store, "sha256:aa", "ada", 30.0)
    save(store, "sha256:aa", "ben", 40.0)
    (before,) = compared(store)
    save(store, "sha256:aa", "ben", 30.0)
    (after,) = compared(store)
    assert before.agreement.figures["boundaries_3"].value == 0.0
    assert after.agreement.figures["boundaries_3"].value == 1.0


def test_what_is_settled_is_a_reference_that_names_who_and_of_what(store: Annotations) -> None:
    ada, ben = save(store, "sha256:aa", "ada", 30.0), save(store, "sha256:aa", "ben", 40.0)
    saved = settle(store, ada, ben, ["b"], by="Cleo", note="listened twice")
    assert (saved.author, saved.number, saved.tier, saved.verified_by) == (
        "reference",
        1,
        "reference",
        "cleo",
    )
    assert saved.tool == "adjudication of ada #1 and ben #1" and saved.note == "listened twice"
    reference = store.annotation("sha256:aa", "reference")
    assert [section.start for section in reference.sections or ()] == [0.0, 40.0]
    (found,) = compared(store)
    assert found.agreement.raters == ("ada", "ben") and found.reference == saved and found.is_settled
    layers = [layer for layer in store.layers("sha256:aa", 60.0) if layer.source == "person:reference"]
    assert [(layer.kind, layer.verified) for layer in layers] == [("sections", True)]

    again = settle(store, ada, ben, ["a"], by="cleo")
    assert (again.number, again.parent) == (2, 1)
    newer = save(store, "sha256:aa", "ben", 41.0)
    (found,) = compared(store)
    assert not found.is_settled  # ben has said something else since
    assert len(differences(parts(30.0), parts(41.0))) == 1 and newer.number == 2


def test_picks_are_for_the_revisions_that_were_looked_at(store: Annotations) -> None:
    ada, ben = save(store, "sha256:aa", "ada", 30.0), save(store, "sha256:aa", "ben", 40.0)
    save(store, "sha256:aa", "ben", 30.0)
    settle(store, ada, ben, ["b"], by="cleo")
    reference = store.annotation("sha256:aa", "reference")
    assert [section.start for section in reference.sections or ()] == [0.0, 40.0]


def test_what_cannot_be_settled_is_refused_and_nothing_is_saved(store: Annotations) -> None:
    ada, ben = save(store, "sha256:aa", "ada", 30.0), save(store, "sha256:aa", "ben", 40.0)
    other = save(store, "sha256:bb", "ben", 40.0)
    with pytest.raises(EdmError, match="0 of 1 differences are decided"):
        settle(store, ada, ben, [], by="cleo")
    with pytest.raises(EdmError, match="different recordings"):
        settle(store, ada, other, ["a"], by="cleo")
    with pytest.raises(EdmError, match="nobody's name"):
        settle(store, ada, ben, ["a"], by="reference")
    with pytest.raises(StorageError, match="no name of an author"):
        settle(store, ada, ben, ["a"], by="../cleo")
    assert store.head("sha256:aa", "reference") is None
