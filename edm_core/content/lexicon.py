"""The safety file: what is looked for, what is harmless, and when a passage only reports it.

The patterns' syntax is told at the head of ``data/labels/safety.yaml`` and in :mod:`.patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..resources import LABELS
from ..timeline import Severities
from .patterns import Patterns
from .reading import number, parsed, severity_of, text_of, texts_of, wrong

CATEGORIES = tuple(field.name for field in fields(Severities))
EXAMPLES = "safety_examples.yaml"
"""Beside the file of terms, if there: more examples by category (``flagged``) and ``clear`` ones."""
EVIDENCE = ("strong", "held", "faint", "harmless", "flag")
Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a passage as a whole may be; then categories are ``at_most`` so severe."""

    name: str
    when: Patterns
    unless: Patterns
    at_most: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SafetyTerms:
    """Patterns by category with their severity, what is harmless, and when a category is flagged.

    ``examples`` are texts by category, beside ``clear`` ones; ``evidence`` is what patterns add to a
    passage's likeness to them (``strong``, ``held`` back by a context, ``faint``) and the sum to ``flag``
    from.
    """

    language: str
    version: str
    harmless: Patterns
    contexts: tuple[Context, ...]
    terms: Mapping[str, Patterns]
    faint: Mapping[str, Patterns]
    flag_from: Mapping[str, int]
    evidence: Mapping[str, float]
    examples: Mapping[str, tuple[str, ...]]
    clear: tuple[str, ...]


def read_safety(path: Path = LABELS / "safety.yaml") -> SafetyTerms:
    """Read the file of safety terms.

    Raises
    ------
    SettingsError
        If it cannot be read or breaks the schema; the message names the place.
    """
    beside = path.with_name(EXAMPLES)
    return _terms(path, parsed(path)[1] + (parsed(beside)[1] if beside.exists() else ""))


# --- private ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _terms(path: Path, version: str) -> SafetyTerms:
    data, _ = parsed(path)
    categories = data.get("categories")
    if not isinstance(categories, dict) or set(categories) != set(CATEGORIES):
        raise wrong(path, "categories", f"does not hold exactly {', '.join(CATEGORIES)}")
    given = data.get("groups", {})
    if not isinstance(given, dict):
        raise wrong(path, "groups", "does not hold words by name")
    groups = {str(name): texts_of(words, path, f"groups.{name}") for name, words in given.items()}
    beside = path.with_name(EXAMPLES)
    more = parsed(beside)[0] if beside.exists() else {}
    flagged, weights = more.get("flagged", {}), data.get("evidence", {})
    if not isinstance(flagged, dict) or not set(flagged) <= set(CATEGORIES):
        raise wrong(beside, "flagged", f"does not hold texts by {', '.join(CATEGORIES)}")
    if not isinstance(weights, dict):
        raise wrong(path, "evidence", "does not hold numbers by name")
    terms: dict[str, Patterns] = {}
    faint: dict[str, Patterns] = {}
    flags: dict[str, int] = {}
    examples: dict[str, tuple[str, ...]] = {}
    for name in CATEGORIES:
        place, entry = f"categories.{name}", categories[name]
        if not isinstance(entry, dict) or not isinstance(entry.get("terms"), dict):
            raise wrong(path, place, "has no terms by severity")
        flags[name] = severity_of(entry.get("flag_from"), path, f"{place}.flag_from")
        values: dict[str, int] = {}
        for key, patterns in entry["terms"].items():
            severity = severity_of(key, path, f"{place}.terms")
            for pattern in texts_of(patterns, path, f"{place}.terms.{severity}"):
                values[pattern] = max(severity, values.get(pattern, 0))
        terms[name] = _patterns(values, groups, path, f"{place}.terms")
        faint[name] = _list(entry, "faint", groups, path, place, flags[name])
        examples[name] = (
            *texts_of(entry.get("examples", []), path, f"{place}.examples"),
            *texts_of(flagged.get(name, []), beside, f"flagged.{name}"),
        )
    return SafetyTerms(
        text_of(data, "language", path),
        version,
        _list(data, "harmless", groups, path, ""),
        _contexts(data.get("contexts", []), groups, path),
        terms,
        faint,
        flags,
        {name: number(weights, name, path, -10.0, 10.0) if name in weights else 0.0 for name in EVIDENCE},
        examples,
        (*texts_of(data.get("clear", []), path, "clear"), *texts_of(more.get("clear", []), beside, "clear")),
    )


def _contexts(value: Any, groups: Groups, path: Path) -> tuple[Context, ...]:
    if not isinstance(value, list):
        raise wrong(path, "contexts", "is not a list")
    found = []
    for index, entry in enumerate(value):
        place = f"contexts[{index}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("at_most"), dict):
            raise wrong(path, place, "has no severities `at_most` by category")
        limits = entry["at_most"]
        for name in limits:
            if name not in CATEGORIES:
                raise wrong(path, f"{place}.at_most", f"names the unknown category {name!r}")
        at_most = {
            name: severity_of(limit, path, f"{place}.at_most.{name}") for name, limit in limits.items()
        }
        when, unless = (_list(entry, key, groups, path, place) for key in ("when", "unless"))
        found.append(Context(text_of(entry, "name", path, place), when, unless, at_most))
    return tuple(found)


def _list(
    entry: Mapping[str, Any], key: str, groups: Groups, path: Path, place: str, value: int = 0
) -> Patterns:
    where = f"{place}.{key}".lstrip(".")
    return _patterns(dict.fromkeys(texts_of(entry.get(key, []), path, where), value), groups, path, where)


def _patterns(values: Mapping[str, int], groups: Groups, path: Path, place: str) -> Patterns:
    try:
        return Patterns(values, groups)
    except ValueError as error:
        raise wrong(path, place, f"holds a pattern that is wrong: {error}") from None
