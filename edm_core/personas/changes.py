"""What two editions of a persona differ in, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .._codec import encode
from .persona import SCORES, Persona, Tastes

_LABELS = {
    "topics": "the topic", "tones": "the tone", "sections": "the section",
    "energy": "energy", "tempo": "tempo",
}  # fmt: skip
_TEXTS = {
    "name": "name", "emoji": "face", "description": "description", "age": "age", "who": "who they are",
    "prompt": "prompt", "listens_to": "what they listen to",
}  # fmt: skip
_LONG = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which two editions differ.

    ``field`` is its place in the file; ``before`` and ``after`` are the values, empty where there is none;
    ``text`` says it.
    """

    field: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str
    text: str


def changes(before: Persona, after: Persona) -> tuple[Change, ...]:
    """Return what turns one edition into the other, in the order of a persona's file.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from edm_core.personas import load_personas
    >>> genz = load_personas()["genz"]
    >>> [change.text for change in changes(genz, replace(genz, tolerates=3, retired=True))]
    ['tolerates: 5 → 3', 'is retired']
    """
    found: list[Change] = []
    for field, name in _TEXTS.items():
        found += _value(field, name, str(getattr(before, field)), str(getattr(after, field)))
    found += _value("weight", "weight in the consensus", f"{before.weight:g}", f"{after.weight:g}")
    for side, verb in (("likes", "likes"), ("dislikes", "dislikes")):
        found += _tastes(side, verb, getattr(before, side), getattr(after, side))
    olds, news = encode(before.rubric), encode(after.rubric)
    for field in olds:
        found += _value(f"rubric.{field}", f"points for {field}", f"{olds[field]:g}", f"{news[field]:g}")
    found += _value("tolerates", "tolerates", str(before.tolerates), str(after.tolerates))
    for score, old, new in zip(SCORES, before.anchors, after.anchors, strict=True):
        found += _value(f"anchors.{score}", f"says at {score}", old, new)
    if before.retired != after.retired:
        said = ("", "true", "is retired") if after.retired else ("true", "", "is back from retirement")
        found.append(Change("retired", "added" if after.retired else "removed", *said))
    return tuple(found)


# --- private ---------------------------------------------------------------------------------------


def _value(field: str, name: str, old: str, new: str) -> Iterator[Change]:
    if old == new:
        return
    kind: Literal["added", "removed", "changed"] = "added" if not old else "removed" if not new else "changed"
    if max(len(old), len(new)) > _LONG:
        text = f"{name} {kind}"
    else:
        text = f"{name}: {old or 'nothing'} → {new or 'nothing'}"
    yield Change(field, kind, old, new, text)


def _tastes(side: str, verb: str, before: Tastes, after: Tastes) -> Iterator[Change]:
    for kind, name in _LABELS.items():
        olds, news = _weights(before, kind), _weights(after, kind)
        for label in [*olds, *(label for label in news if label not in olds)]:
            old, new = olds.get(label, ""), news.get(label, "")
            if old == new:
                continue
            field, what = f"{side}.{kind}.{label}", f"{name} {label}"
            if not old:
                yield Change(field, "added", "", new, f"now {verb} {what} ({new})")
            elif not new:
                yield Change(field, "removed", old, "", f"no longer {verb} {what} (was {old})")
            else:
                yield Change(field, "changed", old, new, f"{verb} {what}: {old} → {new}")
    for sentence in before.statements:
        if sentence not in after.statements:
            yield Change(f"{side}.statements", "removed", sentence, "", f"no longer {verb}: “{sentence}”")
    for sentence in after.statements:
        if sentence not in before.statements:
            yield Change(f"{side}.statements", "added", "", sentence, f"now {verb}: “{sentence}”")


def _weights(tastes: Tastes, kind: str) -> dict[str, str]:
    if kind == "tempo":
        return {f"{one.low:g}–{one.high:g} BPM": f"{one.weight:g}" for one in tastes.tempo}
    return {label: f"{weight:g}" for label, weight in getattr(tastes, kind).items()}
