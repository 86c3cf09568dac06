"""Every claim of the threat model names a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def rows() -> list[str]:
    """Return the rows of the tables of defences."""
    start, end = TEXT.index("## What is defended"), TEXT.index("## What is not defended")
    lines = [line for line in TEXT[start:end].splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith("| threat |")]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_claim_names_one() -> None:
    assert len(rows()) > 30
    assert not [row for row in rows() if "::test_" not in row]


def test_every_variable_is_a_setting() -> None:
    from edm_core.settings import Settings

    for name in set(re.findall(r"`(EDM_\w+)", TEXT)):
        assert name.removeprefix("EDM_").lower() in Settings.__slots__
