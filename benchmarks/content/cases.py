"""The labelled texts: ``train.yaml`` to develop and tune on, ``test.yaml`` to report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TRAIN, TEST = (Path(__file__).with_name(f"{name}.yaml") for name in ("train", "test"))


@dataclass(frozen=True)
class Case:
    """A text with its topic and tone."""

    text: str
    template: str
    topic: str
    tone: str


@dataclass(frozen=True)
class SafetyCase:
    """A text that is to be flagged or not, with its severities by category."""

    text: str
    template: str
    flagged: bool
    categories: Mapping[str, int]
    near: bool


@dataclass(frozen=True)
class RepeatCase:
    """Two passages, and how the later repeats the earlier: a kind, or ``none``."""

    kind: str
    earlier: str
    later: str


@dataclass(frozen=True)
class Cases:
    """A split."""

    passages: tuple[Case, ...]
    safety: tuple[SafetyCase, ...]
    nothing: tuple[str, ...]
    repeats: tuple[RepeatCase, ...]


def read(path: Path = TEST) -> Cases:
    """Read a split; ``template`` stands for wording that cases share."""
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Cases(
        tuple(Case(one["text"], str(one["template"]), one["topic"], one["tone"]) for one in data["passages"]),
        tuple(
            SafetyCase(
                one["text"],
                str(one["template"]),
                bool(one["flagged"]),
                one.get("categories") or {},
                bool(one.get("near")),
            )
            for one in data["safety"]
        ),
        tuple(one["text"] for one in data["nothing"]),
        tuple(RepeatCase(one["kind"], one["earlier"], one["later"]) for one in data["repeats"]),
    )
