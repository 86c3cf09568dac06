"""API keys: made, shown once, found by what was shown, and dead soon after they are revoked."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from edm_core.errors import EdmError, StorageError
from edm_core.settings import Settings
from edm_core.store.audit import rows
from edm_core.store.database import Database, database_of
from edm_core.store.keys import LIFE_S, Keys, keys_of, lasting
from edm_core.store.tables import api_keys


def until(true: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_a_key_is_found_by_its_text_and_by_nothing_else(settings: Settings) -> None:
    keys = Keys(settings)
    key, text = keys.create("night import", "annotate", by="ada")
    assert text.startswith(f"edm_{key.id}_") and len(text) == 4 + 12 + 1 + 43
    assert keys.find(text) == key
    assert (key.name, key.scope, key.by, key.alive) == ("night import", "annotate", "ada", True)
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    other = f"edm_{'0' * 12}_{text[17:]}"
    for given_text in (wrong, other, "", "edm_", text + "A", text.upper(), f" {text}", key.id):
        assert keys.find(given_text) is None


def test_only_the_digest_is_kept(settings: Settings) -> None:
    key, text = Keys(settings).create("one", "read", by="ada")
    with database_of(settings).reading() as connection:
        (row,) = connection.execute(sa.select(api_keys)).all()
        logged = rows(connection, None, 10)
    secret = text.rpartition("_")[2]
    assert secret not in repr(row) and secret not in repr(logged) and secret not in repr(key)
    assert len(row.digest) == 64


def test_making_and_revoking_are_audited(settings: Settings) -> None:
    keys = Keys(settings)
    key, _ = keys.create("one", "admin", by="ada", lasts=timedelta(days=1))
    keys.revoke(key.id, by="bob")
    with database_of(settings).reading() as connection:
        revoked, made = rows(connection, None, 10)
    assert (made.what, made.who) == ("create key", "ada") and key.id in made.detail and "admin" in made.detail
    assert (revoked.what, revoked.who) == ("revoke key", "bob") and key.id in revoked.detail


def test_a_revoked_key_dies_everywhere_within_its_life(settings: Settings) -> None:
    here, elsewhere = Keys(settings, life_s=0.2), Keys(settings, life_s=0.2)
    key, text = here.create("one", "read", by="ada")
    assert here.find(text) and elsewhere.find(text)
    revoked = here.revoke(key.id, by="ada")
    assert revoked.revoked and not revoked.alive
    assert here.find(text) is None and here.get(key.id) is None
    until(lambda: elsewhere.find(text) is None, 2.0)
    assert here.revoke(key.id, by="bob").revoked == revoked.revoked  # the first time counts
    assert LIFE_S + 1 < 5


def test_an_expired_key_is_dead(settings: Settings) -> None:
    keys = Keys(settings, life_s=0.0)
    key, text = keys.create("one", "read", by="ada", lasts=timedelta(minutes=1))
    assert keys.find(text)
    with database_of(settings).writing() as connection:
        connection.execute(sa.update(api_keys).values(expires="2020-01-01T00:00:00.000000Z"))
    assert keys.find(text) is None
    assert [found.alive for found in keys.list()] == [False] and not keys.any_alive()
    assert key.expires and key.expires > key.created


def test_the_database_is_asked_once_in_a_life(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path)
    keys = Keys(settings, life_s=60.0)
    key, text = keys.create("one", "read", by="ada")
    asked = []
    reading = Database.reading
    monkeypatch.setattr(Database, "reading", lambda self: asked.append(1) or reading(self))
    assert keys.recalled(text) == (False, None)
    for _ in range(50):
        assert keys.find(text) and keys.get(key.id)
    is_known, found = keys.recalled(text)
    assert is_known and found is not None and keys.recalled_id(key.id) == (True, found)
    assert len(asked) == 1
    for _ in range(5):  # an id that nobody has is asked for once as well
        assert keys.find(f"edm_{'0' * 12}_{text[17:]}") is None
    assert len(asked) == 2


def test_what_is_remembered_is_bounded(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.store.keys._REMEMBERED", 4)
    keys = Keys(Settings(data_dir=tmp_path))
    for number in range(12):
        keys.find(f"edm_{number:012x}_{'A' * 43}")
    assert len(keys._remembered) == 4


def test_use_is_noted_about_once_a_minute(settings: Settings) -> None:
    keys = Keys(settings, life_s=0.0)
    _, text = keys.create("one", "read", by="ada")
    keys.find(text)
    until(lambda: keys.list()[0].used)
    first = keys.list()[0].used
    for _ in range(5):
        keys.find(text)
    again = Keys(settings, life_s=0.0)  # another process
    again.find(text)
    until(lambda: not any(one.name == "edm-key-used" for one in __import__("threading").enumerate()))
    assert keys.list()[0].used == first


def test_a_database_that_does_not_answer_is_said(tmp_path: Any) -> None:
    keys = Keys(Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/no/such/folder/edm.db"))
    (tmp_path / "no").write_text("a file")
    with pytest.raises(StorageError):
        keys.find(f"edm_{'0' * 12}_{'A' * 43}")


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\x00b"])
def test_a_name_must_be_shown(tmp_path: Any, name: str) -> None:
    with pytest.raises(EdmError, match="name"):
        Keys(Settings(data_dir=tmp_path)).create(name, "read", by="ada")


def test_a_key_that_is_not_there_cannot_be_revoked(settings: Settings) -> None:
    for id in ("0" * 12, "", "%", "'"):
        with pytest.raises(StorageError, match="no such key"):
            Keys(settings).revoke(id, by="ada")


def test_the_beginning_of_an_id_is_enough(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(settings)
    ids = iter(("aaaa11111111", "aaaa22222222"))
    monkeypatch.setattr("edm_core.store.keys.secrets.token_hex", lambda _bytes: next(ids))
    keys.create("one", "read", by="ada")
    keys.create("two", "read", by="ada")
    with pytest.raises(StorageError, match="2 keys"):
        keys.revoke("aaaa", by="ada")
    assert keys.revoke("aaaa1", by="ada").name == "one"
    assert [key.alive for key in keys.list() if key.name == "two"] == [True]


@given(st.text())
def test_no_text_is_taken_for_a_key(text: str) -> None:
    assert Keys(Settings()).recalled(text) == (True, None)


@pytest.mark.parametrize(
    ("text", "days"), [("90d", 90), ("2w", 14), ("12h", 0.5), ("30m", 1 / 48), (" 1d ", 1)]
)
def test_times(text: str, days: float) -> None:
    assert lasting(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "d", "0d", "-1d", "1y", "1.5d", "9999999d", "٣d"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        lasting(text)


def test_a_calendar_ends(tmp_path: Any) -> None:
    with pytest.raises(EdmError, match="calendar"):
        Keys(Settings(data_dir=tmp_path)).create("one", "read", by="ada", lasts=lasting("999999w"))


def test_a_process_shares_what_it_remembers(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path)
    assert (
        keys_of(settings)
        is keys_of(Settings(data_dir=tmp_path))
        is not keys_of(Settings(data_dir=tmp_path / "b"))
    )
