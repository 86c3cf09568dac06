"""Inputs that are almost right: seeds bent at the level of bytes, lines, and values. The same chance, the same input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

LARGEST = 1 << 16
"""Bytes of a mutated input, about: parsers are tried on many small ones, and on some that are deep or long."""

NASTY = (
    b"0", b"-1", b"1e999", b"-1e999", b"1e-999", b"NaN", b"inf", b"-Infinity", b".nan", b"0x1F", b"1_000", b"1:99",
    b"99999999999999999999", b"9" * 5000, b"0." + b"3" * 5000, b"\t", b"\n", b"\r\n", b"\r", b",", b";", b'"', b"'",
    b"{", b"}", b"[", b"]", b": ", b"- ", b"&a ", b"*a", b"!!x ", b"!!python/object/apply:os.system [id]", b"<", b">",
    b"-->", b"\\", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\xf0\x9f\x92\xa9", b"\xed\xa0\x80", b"\\ud800",
    b"\\u0000", b"null", b"true", b"false", b"[]", b"{}", b'""', b"end", b"drop", b"# ", b"%s%n", b"../", b"<<: *a\n",
    b"&lt;", b"&a;", b"<![CDATA[", b"<!-- ", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\x1b[2J", b"\xe2\x80\xae", b"\xc2\xa0",
    b"\xff" * 8, bytes(8), b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\xff\xff\xff\xff", b"2026-02-30T25:61:61Z",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, -1e308, 5e-324, float("nan"),
    float("inf"), float("-inf"), "", "a", "drop", "\0", "\ud800", "\u202e", "a" * 3000, "1", "NaN", "2026-02-30", [], {}, [[]],
    [None], {"": None}, [0] * 300, {"label": 1}, {"a": {"a": {"a": {}}}},
)  # fmt: skip

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_OPENING = (
    b"[",
    b"{",
    b"(",
    b"<a>",
    b'{"a":',
    b"- ",
    b"[{",
    b"&a [*a,",
    b"? ",
    b'"',
    b"\n ",
    b"a: {",
    b"\\(",
)

Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutated(seeds: Sequence[bytes], chance: Random, tokens: Sequence[bytes] = ()) -> bytes:
    """Return an input made from ``seeds``, changed in one to five ways.

    Parameters
    ----------
    seeds : sequence of bytes
        Inputs that are right.
    chance : Random
        Decides everything.
    tokens : sequence of bytes, optional
        Pieces that mean something to the parser.
    """
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(600))
    data = chance.choice(seeds)
    if data[:1] in b"{[" and chance.random() < 0.5:
        data = _with_other_values(data, chance)
        if chance.random() < 0.7:
            return data
    known = (*NASTY, *tokens)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        data = chance.choice(_MUTATIONS)(data, chance, known)
        if chance.random() < 0.1:
            data = _spliced(data, chance, seeds)
        data = data[:LARGEST]
    return data


def _flipped(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _scribbled(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(data, chance, 40)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _cut(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(data, chance, max(4, len(data) // 4))
    return data[:start] + data[end:]


def _broken_off(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _doubled(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(data, chance, 200)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 9, 60)) + data[end:]


def _moved(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(data, chance, 100)
    rest = data[:start] + data[end:]
    place = chance.randrange(len(rest) + 1)
    return rest[:place] + data[start:end] + rest[place:]


def _with_token(data: bytes, chance: Random, tokens: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(data) + 1)
    end = place + chance.choice((0, 0, 1, 4))
    return data[:place] + chance.choice(tokens) + data[end:]


def _with_other_number(data: bytes, chance: Random, tokens: Sequence[bytes]) -> bytes:
    numbers = list(_NUMBER.finditer(data[:8192]))
    if not numbers:
        return _with_token(data, chance, tokens)
    found = chance.choice(numbers)
    number = chance.choice((*NASTY[:17], b"-" + found[0], found[0] + b"0" * 9, b"0." + found[0].strip(b"-.")))
    return data[: found.start()] + number + data[found.end() :]


def _with_other_lines(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif way == 1:
        del lines[one]
    elif way == 2:
        lines.insert(other, lines[one])
    else:
        lines[one:one] = [lines[one]] * chance.choice((2, 20, 200))
    return b"\n".join(lines)


def _deep(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(data) + 1)
    opening = chance.choice(_OPENING)
    return (
        data[:place]
        + opening * chance.choice((2, 30, 600, min(20_000, LARGEST // len(opening))))
        + data[place:]
    )


def _in_other_letters(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    way = chance.randrange(5)
    if way == 0:
        return text.encode("utf-16")
    if way == 1:
        return text.encode("latin-1", "replace")
    if way == 2:
        return b"\xef\xbb\xbf" + data
    return (text.swapcase() if way == 3 else text.replace("\n", "\r\n")).encode("utf-8", "replace")


_MUTATIONS: tuple[Mutation, ...] = (
    _flipped, _flipped, _scribbled, _cut, _broken_off, _doubled, _moved, _with_token, _with_token,
    _with_other_number, _with_other_number, _with_other_lines, _with_other_lines, _deep, _in_other_letters,
)  # fmt: skip


def _spliced(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _stretch(data: bytes, chance: Random, longest: int) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randrange(1, longest + 1))


def _with_other_values(data: bytes, chance: Random) -> bytes:
    """Change values of a JSON document, and leave it one."""
    try:
        document = json.loads(data)
    except ValueError:
        return data
    for _ in range(chance.choice((1, 1, 2, 4))):
        document = _changed(document, chance)
    return json.dumps(document).encode()  # as ASCII: lone surrogates are written as such


def _changed(value: Any, chance: Random, depth: int = 0) -> Any:
    """Return a value with one place in it changed."""
    if not isinstance(value, dict | list) or not value or depth > 8 or chance.random() < 0.12:
        return deepcopy(chance.choice(VALUES))
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    way = chance.random()
    if way < 0.08:
        del value[key]
    elif way < 0.14:
        _add(value, chance.choice(keys), deepcopy(value[key]))
    elif way < 0.2:
        other = chance.choice(keys)
        value[key], value[other] = value[other], value[key]
    else:
        value[key] = _changed(value[key], chance, depth + 1)
    return value


def _add(value: Any, key: Any, content: Any) -> None:
    if isinstance(value, dict):
        value[f"{key}x"] = content
    else:
        value.insert(key, content)
