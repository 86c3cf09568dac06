"""Values of a YAML file by dotted place, each taken with a check that names line and field."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from .._yaml import plain
from ..errors import SettingsError


class Fields:
    """What a YAML file holds.

    Parameters
    ----------
    raw : bytes
        The file's content.
    path : Path
        What errors call it.

    Raises
    ------
    SettingsError
        If it is no YAML, says a thing twice, or holds something else than keys and values.
    """

    def __init__(self, raw: bytes, path: Path) -> None:
        import yaml

        self.path = path
        self._lines: dict[str, int] = {}
        try:
            self._data = plain(raw)
            tree = yaml.compose(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            twice = self._read_lines(tree, "")
        except (ValueError, RecursionError) as error:
            text = " ".join(str(error).split())
            raise SettingsError(f"not YAML: {text}", subject=str(path), remedy="correct it there") from None
        if not isinstance(self._data, dict):
            raise self.wrong("", "the file does not hold keys and values")
        if twice:
            raise self.wrong(twice, "stands there twice")

    def at(self, place: str) -> Any:
        """Return the value at a place; None where there is none."""
        value = self._data
        for key in place.split(".") if place else ():
            if not isinstance(value, dict):
                return None
            value = value.get(int(key) if key.isdigit() else key)
        return value

    def only(self, place: str, names: Collection[str]) -> None:
        """Refuse keys that are not among ``names``."""
        value = self.at(place)
        if not isinstance(value, dict):
            raise self.wrong(place, "is missing" if value is None else "does not hold keys and values")
        for key in value:
            if key not in names:
                where = f"{place}.{key}".lstrip(".")
                raise self.wrong(where, f"is not known; known are {', '.join(names)}")

    def text(self, place: str, *, default: str | None = None) -> str:
        """Return a text that is not empty."""
        value = self.at(place)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(place, "is missing" if value is None else "is not a text; put it in quotes")
        return value.strip()

    def texts(self, place: str) -> tuple[str, ...]:
        """Return a list of texts that are not empty."""
        value = self.at(place)
        if not isinstance(value, list) or not value:
            raise self.wrong(place, "is not a list of sentences")
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.wrong(place, f"holds {item!r}, which is not a text")
        return tuple(item.strip() for item in value)

    def choice(self, place: str, names: Collection[str]) -> str:
        """Return one of ``names``."""
        value = self.text(place)
        if value not in names:
            raise self.wrong(place, f"is {value!r}; use {', '.join(names)}")
        return value

    def flag(self, place: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self.at(place)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(place, f"is {value!r}; use true or false")
        return bool(value)

    def number(self, place: str, low: float, high: float, *, default: float | None = None) -> float:
        """Return a number from ``low`` to ``high``."""
        value = self.at(place)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(place, f"is {value!r}; give a number from {low:g} to {high:g}")
        return float(value)

    def weights(self, place: str, known: Collection[str] | None) -> dict[str, float]:
        """Return weights from 0 to 1 by label; a list of labels weighs each with 1.

        ``known`` are the labels that may be named; None allows any.
        """
        value = self.at(place)
        if value is None:
            return {}
        if isinstance(value, list) and all(isinstance(label, str) for label in value):
            value = dict.fromkeys(value, 1.0)
        if not isinstance(value, dict):
            raise self.wrong(place, "is neither a list of labels nor labels with weights")
        for label, weight in value.items():
            if not isinstance(label, str) or (known is not None and label not in known):
                choice = "" if known is None else f"; known are {', '.join(known)}"
                raise self.wrong(place, f"has the unknown label {label!r}{choice}")
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
                raise self.wrong(
                    f"{place}.{label}", f"weighs {label!r} with {weight!r}; give a number from 0 to 1"
                )
        return {label: float(weight) for label, weight in value.items()}

    def wrong(self, place: str, problem: str) -> SettingsError:
        """Return the error about a place, with the line of the nearest key above it."""
        known = next((each for each in _upwards(place) if each in self._lines), None)
        line = f"line {self._lines[known]}: " if known else ""
        return SettingsError(f"{line}{place} {problem}".replace("  ", " "), subject=str(self.path))

    def _read_lines(self, node: Any, place: str) -> str:
        """Note the line of every key, by dotted place; return the first that stands there twice."""
        twice = ""
        if node is None or node.id != "mapping":
            return twice
        for key, value in node.value:
            where = f"{place}.{key.value}".lstrip(".")
            if where in self._lines:
                twice = twice or where
            self._lines[where] = key.start_mark.line + 1
            twice = twice or self._read_lines(value, where)
        return twice


def _upwards(place: str) -> list[str]:
    parts = place.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
