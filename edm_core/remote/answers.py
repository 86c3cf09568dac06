"""Answers of language models: found in what they write, checked, repaired once, and kept."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ..errors import ModelError
from .completes import Messages

if TYPE_CHECKING:
    from ..cache import Cache
    from .usage import Usage

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_MOST_OBJECTS = 20  # places in an answer at which an object is looked for
_SHOWN = 2_000  # characters of an unusable answer that the model is shown again


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wrote, and the tokens that it says this took; ``cut`` if it was not allowed to end."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cut: bool = False


Asks = Callable[[Messages], Said]


def fitting(
    ask: Asks,
    messages: Messages,
    schemas: Sequence[Mapping[str, Any]],
    where: str,
    usage: Usage | None = None,
) -> dict[str, Any]:
    """Return the object in a model's answer that fits one of the schemas, after one repair at most.

    Raises
    ------
    ModelError
        If neither the first answer nor the repaired one fits.
    """
    said = _told(ask(messages), usage)
    found, problem = read(said, schemas)
    if found is None:
        if usage is not None:
            usage.add(repaired=1)
        wish = (
            f"That cannot be used: {problem}. Answer once more, with nothing but one JSON object "
            f"that fits this schema: {json.dumps(schemas[0])}"
        )
        again = [
            *messages,
            {"role": "assistant", "content": said.text[:_SHOWN] or "(nothing)"},
            {"role": "user", "content": wish},
        ]
        found, problem = read(_told(ask(again), usage), schemas)
    if found is None:
        raise ModelError(
            f"{problem}, also when asked again", subject=where, remedy="try another model or server"
        )
    return found


def free(ask: Asks, messages: Messages, where: str, usage: Usage | None = None) -> dict[str, Any]:
    """Return what a model writes, under the key ``text``, without what it thinks aloud before.

    Raises
    ------
    ModelError
        If it writes nothing.
    """
    text = _THOUGHT.sub("", _told(ask(messages), usage).text).strip()
    if not text:
        raise ModelError("its answer is empty", subject=where, remedy="try another model or server")
    return {"text": text}


def read(said: Said, schemas: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any] | None, str]:
    """Return the first object in what was said that fits a schema, or None and what is wrong.

    Examples
    --------
    >>> read(Said('Sure: {"score": 4}'), [{"type": "object", "required": ["score"]}])
    ({'score': 4}, '')
    >>> read(Said("About four."), [{"type": "object"}])
    (None, 'its answer is no JSON object')
    """
    import jsonschema

    problem = "its answer was cut off" if said.cut else "its answer is no JSON object"
    misfit = ""
    for found in _objects(_THOUGHT.sub("", said.text)):
        for schema in schemas:
            error = next(jsonschema.Draft202012Validator(dict(schema)).iter_errors(found), None)
            if error is None:
                return found, ""
            place = "/".join(map(str, error.absolute_path))
            misfit = misfit or f"its answer does not fit: {place}{': ' if place else ''}{error.message[:200]}"
    return None, misfit or problem


def kept(
    cache: Cache | None, question: object, usage: Usage | None, ask: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Return the answer to a question from the cache, or ask and put it there at once.

    Of several threads with the same question one asks, and the others wait for its answer.
    """
    from ..cache import key_of
    from ..errors import StorageError

    if cache is None:
        return ask()
    key = key_of("remote", 2, question)
    with _one_at_a_time(key):
        answer = _found(cache, key)
        if answer is not None:
            if usage is not None:
                usage.add(cached=1)
            return answer
        answer = ask()
        try:
            with cache.create(key) as draft:
                (draft / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
        except (OSError, StorageError):
            pass  # it is asked again next time
        return answer


# --- private ---------------------------------------------------------------------------------------

_locks: WeakValueDictionary[str, Any] = WeakValueDictionary()
_locks_lock = threading.Lock()


def _one_at_a_time(key: str) -> threading.Lock:
    with _locks_lock:
        lock: threading.Lock = _locks.setdefault(key, threading.Lock())
        return lock


def _found(cache: Cache, key: str) -> dict[str, Any] | None:
    entry = cache.get(key)
    if entry is None:
        return None
    try:
        return dict(json.loads((entry / "answer.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        cache.drop(key)
        return None


def _told(said: Said, usage: Usage | None) -> Said:
    if usage is not None:
        usage.tokens(said.prompt_tokens, said.completion_tokens)
    return said


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, from the first on."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    place = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if place < 0:
            return
        try:
            found, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place = text.find("{", place + 1)
            continue
        yield found
        place = text.find("{", end)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
