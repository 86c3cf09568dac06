"""JSON, one document or one a line: ours, timelines of ``edm analyze``, what the earlier analyser printed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..annotation import Annotation, annotation_of
from ..errors import EdmError
from ..findings import Finding
from ..timeline import Timeline
from . import contract, earlier
from .errors import ExchangeError
from .reading import Notes, Reading

NAME = "json"
TITLE = "JSON"
ENDINGS = (".json", ".jsonl", ".ndjson")
HOLDS = "holds all of an annotation"
MANY = True


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return the annotations of a text; of a timeline, its chosen layers."""
    found = list(values(text, name))
    made = []
    for place, value in found:
        notes.about = f"{place.rsplit(': ')[-1]}: " if len(found) > 1 else ""
        made.append(annotation_of_value(value, place, notes, duration))
    return Reading(tuple(made), notes.findings, NAME)


def write(annotations: Sequence[Annotation], findings: Sequence[Finding] = ()) -> str:
    """Return a document a line; ``findings`` are put into the first."""
    lines = []
    for index, annotation in enumerate(annotations):
        document = contract.document_of(annotation, findings if index == 0 else ())
        lines.append(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    return "".join(lines)


_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def values(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """Give what a text holds, each with its place: one value, the items of a list, or one a line."""
    try:
        whole = _loads(text)
    except json.JSONDecodeError as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or error.msg != "Extra data":
            where = f"{name}: line {error.lineno}"
            raise ExchangeError(
                f"not JSON: {error.msg}", subject=where, remedy="see what stands there"
            ) from None
        for number, line in lines:
            place = f"{name}: line {number}"
            try:
                yield place, _loads(line)
            except json.JSONDecodeError as error:
                raise ExchangeError(f"not JSON: {error.msg}", subject=place) from None
            except (ValueError, RecursionError) as error:
                raise ExchangeError(f"not JSON: {error}", subject=place) from None
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"not JSON: {error}", subject=name) from None
    else:
        if isinstance(whole, list):
            yield from ((f"{name}: [{index}]", value) for index, value in enumerate(whole))
        else:
            yield name, whole


def annotation_of_value(
    value: Any, place: str, notes: Notes, duration: float | None, *, tile: bool = True
) -> Annotation:
    """Return the annotation that a plain value is, whichever of the documents it is."""
    if not isinstance(value, dict):
        raise ExchangeError(
            "no annotation", subject=place, remedy="give an object with sections or structure"
        )
    if "schema" in value and "layers" in value:
        return _of_timeline(value, place, notes)
    if "recording" not in value and earlier.KEYS & value.keys() and "file_metadata" not in value:
        return earlier.annotation_of_document(value, place, notes, duration, tile=tile)
    if contract.KEYS & value.keys():
        contract.note_again(value.get("findings"), notes)
        return contract.annotation_of_document(value, place, notes, duration)
    raise ExchangeError("no annotation", subject=place, remedy="give one with sections, structure or beats")


def _of_timeline(value: dict[str, Any], place: str, notes: Notes) -> Annotation:
    try:
        timeline = Timeline.from_dict(value)
    except EdmError as error:
        raise ExchangeError(error.problem, subject=f"{place}: {error.subject}", remedy=error.remedy) from None
    except (TypeError, AttributeError, KeyError):
        raise ExchangeError("no timeline", subject=place, remedy="give a document of edm analyze") from None
    chosen = {layer for kind in {layer.kind for layer in timeline.layers} if (layer := timeline.layer(kind))}
    left = sorted({layer.source for layer in timeline.layers if id(layer) not in set(map(id, chosen))})
    if left:
        notes.say("unread", f"of {', '.join(left)} only the chosen layers were read", severity="note")
    people = {layer.source for layer in chosen if layer.is_person}
    made = annotation_of(timeline)
    from dataclasses import replace

    if len(people) == 1 and all(layer.is_person for layer in chosen):
        verified = all(layer.verified for layer in chosen)
        return replace(
            made, author=people.pop().removeprefix("person:"), tier="verified" if verified else None
        )
    return replace(made, tier=None if people else "generated")


def _loads(text: str) -> Any:
    value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    return _mended(value) if _HALF.search(text) else value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number


def _mended(value: Any) -> Any:
    """Replace halves of letters, which no text file can hold, where JSON spells them out."""
    if isinstance(value, str):
        return value if value.isascii() or not _has_halves(value) else _whole(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _has_halves(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
