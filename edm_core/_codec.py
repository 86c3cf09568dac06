"""Frozen dataclasses to JSON-like values and back, by their type annotations, losing nothing.

Fields made with :func:`absent` are left out while they hold their default: an absent value stays absent in
the file instead of standing there as an empty string.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import TimelineError

T = TypeVar("T")


def absent(default: Any = None) -> Any:
    """Return a dataclass field that is not written while it holds ``default``."""
    return dataclasses.field(default=default, metadata={"absent": True})


def encode(value: Any) -> Any:
    """Return ``value`` as what :mod:`json` writes; numbers that are not finite raise ``TimelineError``."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if (fields := _written(kind)) is not None:
        told = {}
        for name, left_out in fields:
            item = getattr(value, name)
            if left_out is _NEVER or item != left_out:
                told[name] = encode(item)
        return told
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise TimelineError(f"{value} is not a finite number", remedy="leave the value out instead")
    if isinstance(value, str | int | float):
        return value
    raise TimelineError(f"{value!r} is a {kind.__name__}", remedy="use plain numbers and text")


def decode(kind: type[T], data: Any, place: str = "timeline") -> T:
    """Return ``data`` as a ``kind``; what does not fit raises ``TimelineError`` naming the place."""
    wanted: Any = kind
    result: T = _reader(wanted)(data, place)
    return result


def decode_items(kind: type[T], data: Any, place: str) -> tuple[T, ...]:
    """Return a list of values as a tuple of ``kind``; errors as :func:`decode`."""
    items: tuple[T, ...] = _reader(tuple[kind, ...])(data, place)  # type: ignore[valid-type]
    return items


# --- private ---------------------------------------------------------------------------------------

_PLAIN = {str, int, bool, type(None)}
_NEVER = object()

_Place = Any
"""Where a value stands: a name, or what it stands in and its key or index; :func:`_told` puts it in words."""
_Reader = Callable[[Any, _Place], Any]


@cache
def _written(kind: Any) -> tuple[tuple[str, Any], ...] | None:
    """Return the fields of a dataclass, each with the value at which it is left out; None for other types."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(
        (field.name, field.default if field.metadata.get("absent") else _NEVER)
        for field in dataclasses.fields(kind)
    )


@cache
def _reader(kind: Any) -> _Reader:
    """Return what reads values of a type annotation: found once, so that an item costs little."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda data, _: data
    if origin in (Union, types.UnionType):
        (option,) = (option for option in arguments if option is not type(None))
        return _optional(_reader(option))
    if origin is Literal:
        return _one_of(arguments)
    if origin is tuple:
        return _items(_reader(arguments[0]))
    if origin is dict:
        return _values(_reader(arguments[1]))
    if dataclasses.is_dataclass(kind):
        return lambda data, place: _fields(kind, data, place)
    return _real if kind is float else _plain(kind)


def _optional(read: _Reader) -> _Reader:
    return lambda data, place: None if data is None else read(data, place)


def _one_of(options: tuple[Any, ...]) -> _Reader:
    def read(data: Any, place: _Place) -> Any:
        return data if data in options else _refuse(data, place, " or ".join(map(repr, options)))

    return read


def _items(item: _Reader) -> _Reader:
    def read(data: Any, place: _Place) -> Any:
        if not isinstance(data, list | tuple):
            return _refuse(data, place, "a list")
        return tuple([item(value, (place, index)) for index, value in enumerate(data)])

    return read


def _values(item: _Reader) -> _Reader:
    def read(data: Any, place: _Place) -> Any:
        if not isinstance(data, dict):
            return _refuse(data, place, "an object")
        return {key: item(value, (place, key)) for key, value in data.items()}

    return read


def _plain(kind: type) -> _Reader:
    def read(data: Any, place: _Place) -> Any:
        if type(data) is kind or (isinstance(data, kind) and not isinstance(data, bool)):
            return data
        return _refuse(data, place, kind.__name__)

    return read


def _real(data: Any, place: _Place) -> Any:
    if type(data) is float or (isinstance(data, float)):
        return data
    if not isinstance(data, int) or isinstance(data, bool):
        return _refuse(data, place, "float")
    try:
        return float(data)
    except OverflowError:
        raise TimelineError("a number beyond all bounds", subject=_told(place)) from None


def _fields(kind: Any, data: Any, place: _Place) -> Any:
    if not isinstance(data, dict):
        return _refuse(data, place, "an object")
    readers = _readers(kind)
    for key in data:
        if key not in readers:
            raise TimelineError(
                f"unknown key {str(key)[:40]!r}",
                subject=_told(place),
                remedy=f"known are {', '.join(readers)}",
            )
    values = {name: read(data[name], (place, name)) for name, read in readers.items() if name in data}
    try:
        return kind(**values)
    except TypeError as error:
        raise TimelineError(str(error).split(") ")[-1], subject=_told(place)) from None


@cache
def _readers(kind: Any) -> dict[str, _Reader]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}


def _refuse(data: Any, place: _Place, wanted: str) -> Any:
    text = repr(data)
    shown = text if len(text) <= 40 else text[:37] + "..."
    raise TimelineError(f"{shown} is not {wanted}", subject=_told(place))


def _told(place: _Place) -> str:
    """Return a place in words: ``timeline.layers[0].items``."""
    parts: list[str] = []
    while isinstance(place, tuple):
        place, last = place
        parts.append(f"[{last}]" if isinstance(last, int) else f".{last}")
    return str(place) + "".join(reversed(parts))
