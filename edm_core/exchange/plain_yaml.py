"""YAML as plain values, read from its events: no aliases, no tags, no depth that could harm, and fast.

Dates stay text, and so do words such as ``no`` and ``on``, numbers with leading zeros and times such as
``1:30``: what they mean is for the reader of each field to say. What is written has an item of a list a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from .errors import ExchangeError

LARGEST = 32 * 2**20
"""Bytes of a file; 50,000 sections take about a tenth of it."""

DEEPEST = 40

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?([0-9]{1,30}\.[0-9]{0,40}|\.[0-9]{1,40}|[0-9]{1,30}(?=[eE]))([eE][-+]?[0-9]{1,4})?"
)
_SPECIAL = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_+./-]*( [A-Za-z0-9_+./-]+)*")
_RESERVED = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_UNPRINTABLE = re.compile('[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"\\\\]')


def documents(text: str, name: str) -> list[tuple[int, Any]]:
    """Return the documents of a stream, each with the line on which it begins.

    Raises
    ------
    ExchangeError
        If it is no YAML, has aliases or tags, or is too deep.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(_compose(yaml.parse(text, Loader=loader), name))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}: line {mark.line + 1}" if mark else name
        raise ExchangeError(f"not YAML: {error.problem or error.context}", subject=where) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise ExchangeError(f"not YAML: {' '.join(str(error).split())[:120]}", subject=name) from None


def _compose(events: Iterator[Any], name: str) -> Iterator[tuple[int, Any]]:
    import yaml

    stack: list[tuple[Any, Any]] = []  # a list or mapping that is open, and the key that waits for its value
    for event in events:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            _no_tag(event, name)
            value = _scalar(event.value) if event.implicit[0] else event.value  # only plain scalars
        elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
            _no_tag(event, name)
            if len(stack) > DEEPEST:
                raise ExchangeError(
                    f"over {DEEPEST} lists and mappings within each other", subject=_line(event, name)
                )
            stack.append(([] if kind is yaml.SequenceStartEvent else {}, _NO_KEY))
            continue
        elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
            value = stack.pop()[0]
        elif kind is yaml.DocumentStartEvent:
            line, value = event.start_mark.line + 1, None
            continue
        elif kind is yaml.DocumentEndEvent:
            yield line, value
            continue
        elif kind is yaml.AliasEvent:
            raise ExchangeError(
                f"an alias (*{event.anchor})", subject=_line(event, name),
                remedy="aliases are refused: write the value out",
            )  # fmt: skip
        else:
            continue
        if stack:
            _put(stack, value, event, name)


_NO_KEY = object()


def _put(stack: list[tuple[Any, Any]], value: Any, event: Any, name: str) -> None:
    holder, key = stack[-1]
    if isinstance(holder, list):
        holder.append(value)
    elif key is _NO_KEY:
        if isinstance(value, dict | list):
            raise ExchangeError("a key that is a list or a mapping", subject=_line(event, name))
        stack[-1] = (holder, str(value) if not isinstance(value, str) else value)
    else:
        if key in holder:
            raise ExchangeError(f"{key!r} stands twice", subject=_line(event, name), remedy="remove one")
        holder[key] = value
        stack[-1] = (holder, _NO_KEY)


def _scalar(text: str) -> Any:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    return number if math.isfinite(number) else text  # what is no number is refused where one is wanted


def _no_tag(event: Any, name: str) -> None:
    if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
        raise ExchangeError(f"a tag ({event.tag})", subject=_line(event, name), remedy="tags are refused")


def _line(event: Any, name: str) -> str:
    return f"{name}: line {event.start_mark.line + 1}"


# --- writing ---------------------------------------------------------------------------------------


def block(value: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Give the lines of a mapping: mappings in it as blocks, lists of mappings with one a line."""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield f"{indent}{_text(key)}:\n"
            yield from block(item, indent + "  ")
        elif isinstance(item, list) and any(isinstance(one, dict) for one in item):
            yield f"{indent}{_text(key)}:\n"
            for one in item:
                yield f"{indent}- {flow(one)}\n"
        else:
            yield f"{indent}{_text(key)}: {flow(item)}\n"


def flow(value: Any) -> str:
    """Return a value on one line.

    Examples
    --------
    >>> flow({"bar": 1, "label": "drop", "time": 1e-07, "note": "a: b", "no": None, "list": [True, "on"]})
    '{bar: 1, label: drop, time: 1.0e-07, note: "a: b", "no": null, list: [true, "on"]}'
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        shown = repr(value)
        return shown if "e" not in shown or "." in shown else shown.replace("e", ".0e")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return str(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED:
        return text
    return f'"{_UNPRINTABLE.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    return f"\\{sign}" if sign in '"\\' else f"\\u{ord(sign):04x}"
