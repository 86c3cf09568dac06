"""Roles of people, by the name that their sign-in proves."""

from __future__ import annotations

from typing import Any

import pytest

from edm_core.errors import StorageError
from edm_core.settings import Settings
from edm_core.store.audit import rows
from edm_core.store.database import Database, database_of
from edm_core.store.people import People, people_of


def test_a_role_is_given_changed_and_taken_back(settings: Settings) -> None:
    people = People(settings)
    assert people.role("ada@example.org") is None
    people.set("Ada@Example.org", "annotate", by="root")
    assert people.role("ada@example.org") == people.role(" ADA@example.org") == "annotate"
    people.set("ada@example.org", "admin", by="root")
    assert [(person.name, person.role) for person in people.list()] == [("ada@example.org", "admin")]
    people.remove("ADA@example.org", by="root")
    assert people.role("ada@example.org") is None and people.list() == ()
    with database_of(settings).reading() as connection:
        done = [row.what for row in rows(connection, None, 10)]
    assert done == ["remove person", "set person", "set person"]


def test_other_processes_see_it_within_a_life(settings: Settings) -> None:
    here, elsewhere = People(settings, life_s=60), People(settings, life_s=0)
    here.set("ada", "read", by="root")
    assert elsewhere.role("ada") == here.role("ada") == "read"
    elsewhere.set("ada", "none", by="root")
    assert here.role("ada") == "read" and People(settings).role("ada") == "none"


def test_the_database_is_asked_once_in_a_life(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(Settings(data_dir=tmp_path), life_s=60)
    asked = []
    reading = Database.reading
    monkeypatch.setattr(Database, "reading", lambda self: asked.append(1) or reading(self))
    assert people.recalled("ada") == (False, None)
    for _ in range(10):
        assert people.role("ada") is None
    assert len(asked) == 1 and people.recalled("ada") == (True, None)


@pytest.mark.parametrize("name", ["", " ", "a" * 201, "a\nb"])
def test_what_is_no_name(tmp_path: Any, name: str) -> None:
    with pytest.raises(StorageError, match="no name"):
        People(Settings(data_dir=tmp_path)).set(name, "read", by="root")


def test_nobody_cannot_be_removed(settings: Settings) -> None:
    with pytest.raises(StorageError, match="nobody of that name"):
        People(settings).remove("ada", by="root")


def test_a_process_shares_what_it_remembers(tmp_path: Any) -> None:
    assert people_of(Settings(data_dir=tmp_path)) is people_of(Settings(data_dir=tmp_path))
