"""``edm keys``, ``edm people`` and ``edm audit``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from edm_core.cli import main
from edm_core.errors import EdmError, StorageError
from edm_core.settings import Settings
from edm_core.store.keys import Keys
from edm_core.store.people import People


class Edm:
    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("COLUMNS", "200")
        self.settings = Settings.from_environment()

    def __call__(self, *arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


@pytest.fixture
def edm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edm:
    return Edm(tmp_path, monkeypatch)


def test_a_key_is_printed_once_and_works(edm: Edm) -> None:
    made = edm(
        "keys", "create", "night import", "--scope", "annotate", "--expires", "90d", "--format", "json"
    )
    (row,) = json.loads(made.stdout)
    assert (row["name"], row["scope"], row["state"]) == ("night import", "annotate", "works")
    key = Keys(edm.settings).find(row["key"])
    assert key is not None and key.id == row["id"] and key.expires is not None
    for layout in ("table", "json", "yaml", "csv"):
        shown = edm("keys", "list", "--format", layout)
        assert row["id"] in shown.stdout and row["key"] not in shown.output
    assert row["key"] not in edm("audit").output


def test_as_the_help_says(edm: Edm) -> None:
    text = edm("keys", "create", "curl", "--format", "csv").stdout.splitlines()[-1].partition(",")[0]
    assert Keys(edm.settings).find(text)


def test_a_revoked_key_stays_in_the_list(edm: Edm) -> None:
    (row,) = yaml.safe_load(edm("keys", "create", "one", "--format", "yaml").stdout)
    assert row["scope"] == "read" and row["expires"] is None
    edm("keys", "revoke", row["id"])
    assert Keys(edm.settings).find(row["key"]) is None
    (shown,) = json.loads(edm("keys", "list", "--format", "json").stdout)
    assert shown["state"] == "revoked"
    with pytest.raises(StorageError, match="no such key"):
        edm("keys", "revoke", "nothing")


def test_the_table_says_that_it_is_shown_once(edm: Edm) -> None:
    assert "cannot be shown again" in edm("keys", "create", "one").stderr
    assert "edm_" in edm("keys", "create", "two").stdout


@pytest.mark.parametrize("arguments", [("one", "--expires", "tomorrow"), ("one", "--scope", "root"), ()])
def test_what_cannot_be_meant_is_status_2(edm: Edm, arguments: Any) -> None:
    result = CliRunner().invoke(main, ["keys", "create", *arguments])
    assert result.exit_code == 2 and Keys(edm.settings).list() == ()


def test_a_name_that_is_none(edm: Edm) -> None:
    with pytest.raises(EdmError, match="name"):
        edm("keys", "create", " ")


def test_people_get_roles(edm: Edm) -> None:
    edm("people", "set", "Ada@Example.org", "--role", "annotate")
    assert People(edm.settings).role("ada@example.org") == "annotate"
    rows = list(csv.DictReader(io.StringIO(edm("people", "list", "--format", "csv").stdout)))
    assert [(row["name"], row["role"]) for row in rows] == [("ada@example.org", "annotate")]
    edm("people", "remove", "ada@example.org")
    assert edm("people", "list").stdout == "" and "edm people set" in edm("people", "list").stderr


def test_the_audit_log_tells_all_of_it(edm: Edm) -> None:
    assert edm("audit").stdout == ""
    edm("keys", "create", "one")
    edm("people", "set", "ada", "--role", "none")
    rows = json.loads(edm("audit", "--format", "json").stdout)
    assert [row["what"] for row in rows] == ["set person", "create key"] and all(row["who"] for row in rows)
    assert len(json.loads(edm("audit", "--limit", "1", "--format", "json").stdout)) == 1
    nothing = edm("audit", "--recording", f"sha256:{'0' * 64}", "--format", "json")
    assert json.loads(nothing.stdout) == []
    assert "create key" in edm("audit").stdout
    with pytest.raises(StorageError):
        edm("audit", "--recording", "what is not there")
