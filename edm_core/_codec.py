"""Frozen dataclasses to JSON-like values and back, by their type annotations, losing nothing.

Fields made with :func:`absent` are left out while they hold their default: an absent value stays absent in
the file instead of standing there as an empty string.
"""

from __future__ import annotations

import dataclasses
import math
import types
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import TimelineError

T = TypeVar("T")


def absent(default: Any = None) -> Any:
    """Return a dataclass field that is not written while it holds ``default``."""
    return dataclasses.field(default=default, metadata={"absent": True})


def encode(value: Any) -> Any:
    """Return ``value`` as what :mod:`json` writes; numbers that are not finite raise ``TimelineError``."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not (field.metadata.get("absent") and getattr(value, field.name) == field.default)
        }
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise TimelineError(f"{value} is not a finite number", remedy="leave the value out instead")
    if value is None or isinstance(value, str | int | float):
        return value
    raise TimelineError(f"{value!r} is a {type(value).__name__}", remedy="use plain numbers and text")


def decode(kind: type[T], data: Any, place: str = "timeline") -> T:
    """Return ``data`` as a ``kind``; what does not fit raises ``TimelineError`` naming the place."""
    result: T = _decode(kind, data, place)
    return result


def decode_items(kind: type[T], data: Any, place: str) -> tuple[T, ...]:
    """Return a list of values as a tuple of ``kind``; errors as :func:`decode`."""
    if not isinstance(data, list | tuple):
        _refuse(data, place, "a list")
    return tuple(decode(kind, item, f"{place}[{index}]") for index, item in enumerate(data))


def _decode(kind: Any, data: Any, place: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return data
    if origin in (Union, types.UnionType):
        if data is None and type(None) in get_args(kind):
            return None
        (kind,) = (option for option in get_args(kind) if option is not type(None))
        return _decode(kind, data, place)
    if origin is Literal:
        return (
            data if data in get_args(kind) else _refuse(data, place, " or ".join(map(repr, get_args(kind))))
        )
    if origin is tuple:
        if not isinstance(data, list | tuple):
            return _refuse(data, place, "a list")
        item = get_args(kind)[0]
        return tuple(_decode(item, value, f"{place}[{index}]") for index, value in enumerate(data))
    if origin is dict:
        if not isinstance(data, dict):
            return _refuse(data, place, "an object")
        return {key: _decode(get_args(kind)[1], value, f"{place}.{key}") for key, value in data.items()}
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, data, place)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return _real(data, place)
    if isinstance(data, kind) and not (isinstance(data, bool) and kind is not bool):
        return data
    return _refuse(data, place, kind.__name__)


def _real(number: int, place: str) -> float:
    try:
        return float(number)
    except OverflowError:
        raise TimelineError("a number beyond all bounds", subject=place) from None


def _decode_fields(kind: Any, data: Any, place: str) -> Any:
    if not isinstance(data, dict):
        return _refuse(data, place, "an object")
    hints, names = _hints(kind)
    for key in data:
        if key not in names:
            raise TimelineError(
                f"unknown key {str(key)[:40]!r}", subject=place, remedy=f"known are {', '.join(names)}"
            )
    values = {name: _decode(hints[name], data[name], f"{place}.{name}") for name in names if name in data}
    try:
        return kind(**values)
    except TypeError as error:
        raise TimelineError(str(error).split(") ")[-1], subject=place) from None


@cache
def _hints(kind: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    return get_type_hints(kind), tuple(field.name for field in dataclasses.fields(kind))


def _refuse(data: Any, place: str, wanted: str) -> Any:
    text = repr(data)
    shown = text if len(text) <= 40 else text[:37] + "..."
    raise TimelineError(f"{shown} is not {wanted}", subject=place)
