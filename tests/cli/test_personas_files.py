"""The user's own persona files by command: made, copied, edited, retired, compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def own(edm: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Run `edm personas` with a data folder of the test's."""
    return lambda *arguments: edm("personas", *arguments, EDM_DATA_DIR=str(tmp_path))


def rows(done: Any) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_a_new_persona_is_a_file_that_scores(own: Callable[..., Any]) -> None:
    path = Path(own("new", "night_nurse", "--name", "Night {Nurse}").stdout.strip())
    assert "Night {Nurse}" in path.read_text()
    assert own("validate", path).returncode == 0
    (listed,) = [row for row in rows(own("list", "--format", "json")) if row["id"] == "night_nurse"]
    assert (listed["edition"], listed["retired"], listed["name"]) == ("own", False, "Night {Nurse}")
    (reaction,) = rows(
        own("try", "night_nurse", "--text", "It will be sunny all weekend.", "--format", "json")
    )
    assert reaction["persona"] == "night_nurse"


def test_copies_keep_what_they_copy_and_nobody_is_overwritten(own: Callable[..., Any]) -> None:
    assert own("clone", "genz", "gen_a", "--name", "Gen A").returncode == 0
    assert own("new", "gen_b", "--from", "genz").returncode == 0
    one, two = (rows(own("show", id, "--format", "json"))[0] for id in ("genz", "gen_a"))
    assert (one["likes"], two["name"]) == (two["likes"], "Gen A")
    again = own("clone", "genz", "gen_a")
    assert (again.returncode, "there already" in again.stderr) == (2, True)
    assert own("new", "../gen").returncode == 2


def test_who_is_retired_is_listed_on_demand(own: Callable[..., Any]) -> None:
    assert "is retired" in own("retire", "advertiser").stdout
    assert "advertiser" not in {row["id"] for row in rows(own("list", "--format", "json"))}
    everybody = {row["id"]: row for row in rows(own("list", "--all", "--format", "json"))}
    assert everybody["advertiser"]["retired"] is True
    own("restore", "advertiser")
    assert "advertiser" in {row["id"] for row in rows(own("list", "--format", "json"))}


def test_editions_are_edited_compared_and_reset(own: Callable[..., Any], tmp_path: Path) -> None:
    path = Path(own("new", "dad").stdout.strip())
    first = path.read_text()
    changed = tmp_path / "changed.yaml"
    changed.write_text(first.replace("tolerates: 4", "tolerates: 1"))
    assert own("edit", "dad", changed).returncode == 0
    assert path.read_text() == changed.read_text()
    kept = rows(own("versions", "dad", "--format", "json"))
    assert [row["current"] for row in kept].count(True) == 1
    old = next(row["version"] for row in kept if not row["current"])
    (change,) = rows(own("diff", "dad", old, "--format", "json"))
    assert (change["field"], change["before"], change["after"]) == ("tolerates", "4", "1")
    assert "tolerates: 4 → 1" in own("diff", "dad", old[:6], "current").stdout
    assert "no difference" in own("diff", "dad", old, old).stdout
    assert own("reset", "dad").returncode == 2
    assert own("diff", "dad", "f00").returncode == 2


def test_what_is_no_persona_is_not_taken(own: Callable[..., Any], tmp_path: Path) -> None:
    path = Path(own("new", "dad").stdout.strip())
    first = path.read_text()
    changed = tmp_path / "changed.yaml"
    for text, told in (
        (first.replace("tolerates: 4", "tolerates: 40"), "tolerates is 40"),
        (first.replace("id: dad", "id: mum"), "it is of 'mum'"),
    ):
        changed.write_text(text)
        done = own("edit", "dad", changed)
        assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False)
        assert path.read_text() == first
    changed.write_bytes(b"\xff\xfe\x00")
    assert own("edit", "dad", changed).returncode == 1
    assert own("edit", "dad", tmp_path / "none.yaml").returncode == 1
    assert own("edit", "dad").returncode == 2  # no terminal
    assert path.read_text() == first
