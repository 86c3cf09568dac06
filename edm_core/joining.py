"""A timeline once people have written on it and personas were asked again: further layers, and what holds.

A reaction is about an item of a layer of passages or sections, and says by a digest what was heard. Where
another layer is now the chosen one, reactions follow the items that are the same in it; what has not been
heard as it now is, is ``pending`` until it has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ._codec import encode
from .items import Reaction, Target
from .timeline import Layer, Timeline

SCORINGS = "model:scorings@1"
"""Source of the layers that scoring again makes; their revision is the scoring's number."""

_KINDS = {"passage": "passages", "section": "sections"}

Key = tuple[str, str]
"""Kind and digest of an item: what was heard."""
Held = dict[str, dict[Key, Reaction]]
"""What each persona said of what it heard."""


def joined(timeline: Timeline, layers: Sequence[Layer] = (), scorings: Sequence[Layer] = ()) -> Timeline:
    """Return a timeline that also holds people's layers and what personas said when they were asked again.

    Parameters
    ----------
    timeline : Timeline
        As the models left it.
    layers : sequence of Layer
        Of people, of the same recording.
    scorings : sequence of Layer, optional
        Reactions of the personas that were asked, one layer a scoring, oldest first. Each becomes a whole
        layer: these reactions in the place of those that the same personas gave before. All of them are
        about the items that are chosen now.

    Returns
    -------
    Timeline
        With a further revision of the reactions where some of them do not hold any more.

    Notes
    -----
    An analysis that is newer than a scoring counts, like a scoring would, for the personas in it. But what
    another scorer was asked for stands if it is of the same version of the persona and it has heard all
    that is there now: nobody loses the answers of a language model by analysing again.

    Examples
    --------
    >>> from edm_core.timeline import Recording, Section
    >>> about, even = Target("section", 0), (0.2,) * 5
    >>> scored = Reaction(
    ...     0.0, 9.0, persona="genz", target=about, status="ok", score=3.0, distribution=even
    ... )
    >>> heard = Layer("sections", "model:sections@1", (Section(0.0, 9.0, "drop"),))
    >>> timeline = Timeline(
    ...     Recording("sha256:00", 9.0, 44100, 2), (heard, Layer("reactions", "model:personas@1", (scored,)))
    ... )
    >>> corrected = Layer("sections", "person:ada", (Section(0.0, 9.0, "outro"),))
    >>> [reaction.status for reaction in joined(timeline, [corrected]).reactions]
    ['pending']
    """
    whole = replace(timeline, layers=(*timeline.layers, *layers))
    base = timeline.layer("reactions")
    if scorings:
        return replace(whole, layers=(*whole.layers, *_scored(whole, timeline, base, scorings)))
    return whole if base is None else _followed(whole, base, timeline, layers)


def digest_of(item: Any) -> str:
    """Return what tells one thing that a listener can react to from another: 16 hexadecimal digits.

    Examples
    --------
    >>> from edm_core.timeline import Section
    >>> digest_of(Section(0.0, 9.0, "drop", 0.9)) == digest_of(Section(0.0, 9.0, "drop", 0.4))
    True
    """
    text = getattr(item, "text", None)
    judged = [encode(each) for each in (item.topic, item.tone, item.safety)] if text is not None else []
    said = json.dumps([item.start, item.end, item.label, text, *judged], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def can_be_heard(item: Any) -> bool:
    """Return whether there is anything to react to: not in silence, nor where nothing says what it is."""
    return bool(item.label != "silence" and (item.label != "other" or item.confidence is not None))


def order_of(reaction: Reaction) -> tuple[float, str, str, int]:
    """Return what reactions are sorted by: start, persona, then the item."""
    return (reaction.start, reaction.persona, reaction.target.kind, reaction.target.index)


# --- private ---------------------------------------------------------------------------------------


def _scored(
    whole: Timeline, before: Timeline, base: Layer | None, scorings: Sequence[Layer]
) -> Iterator[Layer]:
    """Give a layer for each scoring, and one for the analysis where a scoring before it still counts."""
    now = _Now.of(whole, _KINDS)
    earlier = [each for each in scorings if base is not None and _moment(each) < _moment(base)]
    held: Held = {}
    for scoring in earlier:
        held |= _held(scoring.items, before)
        yield replace(scoring, items=now.told(held))
    parent = None
    if base is not None:
        said = _held(base.items, before)
        kept = {who: old for who, old in held.items() if who not in said or now.stands(old, said[who])}
        held, parent = said | kept, f"{base.source}#{base.revision}"
        items = now.told(held)
        if len(earlier) == len(scorings) and set(items) != set(base.items):
            made_from = f"{SCORINGS}#{earlier[-1].revision}" if kept else parent
            yield replace(base, items=items, revision=base.revision + 1, parent=made_from)
    for scoring in scorings[len(earlier) :]:
        held |= _held(scoring.items, before)
        time = scoring.time if base is None else max(scoring.time, base.time)
        yield replace(scoring, items=now.told(held), parent=parent or scoring.parent, time=time)
        parent = f"{SCORINGS}#{scoring.revision}"


def _followed(whole: Timeline, base: Layer, before: Timeline, layers: Sequence[Layer]) -> Timeline:
    """Return a timeline whose reactions are about the items that are chosen now, if they are others."""
    changed = []
    for kind, name in _KINDS.items():
        old, new = before.layer(name), whole.layer(name)
        if old is not None and old != new:
            changed.append(kind)
    about = [reaction for reaction in base.items if reaction.target.kind in changed]
    rest = [reaction for reaction in base.items if reaction.target.kind not in changed]
    told = _Now.of(whole, changed).told(_held(about, before))
    items = tuple(sorted([*rest, *told], key=order_of))
    if set(items) == set(base.items):
        return whole
    time = max([base.time, *(layer.time for layer in layers)])
    parent = f"{base.source}#{base.revision}"
    return whole.with_layer(replace(base, items=items, revision=base.revision + 1, parent=parent, time=time))


@dataclass(frozen=True, slots=True)
class _Now:
    """What there is to hear now, of some kinds: the items with their keys and places, and whose they are."""

    layers: dict[str, Layer]
    items: dict[str, list[tuple[Key, Target, Any]]]

    @classmethod
    def of(cls, timeline: Timeline, kinds: Iterable[str]) -> _Now:
        layers = {kind: found for kind in kinds if (found := timeline.layer(_KINDS[kind])) is not None}
        items = {
            kind: [
                ((kind, digest_of(item)), Target(kind, index), item)  # type: ignore[arg-type]
                for index, item in enumerate(layer.items)
                if can_be_heard(item)
            ]
            for kind, layer in layers.items()
        }
        return cls(layers, items)

    def told(self, held: Held) -> tuple[Reaction, ...]:
        """Return a reaction of each persona to each item of the kinds that it listens to."""
        found: list[Reaction] = []
        for persona, said in held.items():
            for kind in _kinds_of(said):
                if kind not in self.items:  # nothing says what is there: they are left as they are
                    found += [reaction for key, reaction in said.items() if key[0] == kind]
                for key, target, item in self.items.get(kind, ()):
                    known = said.get(key)
                    if known is None:
                        found.append(self._pending(persona, target, item))
                    else:
                        found.append(known if known.target == target else replace(known, target=target))
        return tuple(sorted(found, key=order_of))

    def stands(self, old: dict[Key, Reaction], new: dict[Key, Reaction]) -> bool:
        """Whether what a persona said when asked still counts after a newer analysis."""
        asked, analysed = next(iter(old.values())), next(iter(new.values()))
        if not asked.persona_version or asked.persona_version != analysed.persona_version:
            return False
        if asked.scorer.partition("@")[0] == analysed.scorer.partition("@")[0]:
            return False
        return all(key in old for kind in _kinds_of(new) for key, _, _ in self.items.get(kind, ()))

    def _pending(self, persona: str, target: Target, item: Any) -> Reaction:
        layer = self.layers[target.kind]
        why = f"{layer.source} changed it" if layer.is_person else "it is new or was changed"
        note = f"{why}, and it has not been scored since"
        return Reaction(item.start, item.end, persona=persona, target=target, status="pending", note=note)


def _held(reactions: Iterable[Reaction], timeline: Timeline) -> Held:
    """Return reactions by persona and what was heard; ``timeline`` is where old ones find their items."""
    held: Held = {}
    digests: dict[str, list[str]] = {}
    for reaction in reactions:
        kind, heard = reaction.target.kind, reaction.heard
        if not heard:
            if kind not in digests:
                layer = timeline.layer(_KINDS[kind])
                digests[kind] = [digest_of(item) for item in layer.items] if layer is not None else []
            known = 0 <= reaction.target.index < len(digests[kind])
            heard = digests[kind][reaction.target.index] if known else f"{reaction.start} {reaction.end}"
        held.setdefault(reaction.persona, {})[kind, heard] = reaction
    return held


def _kinds_of(said: dict[Key, Reaction]) -> list[str]:
    kinds = {kind for kind, _ in said}
    return [kind for kind in _KINDS if kind in kinds]


def _moment(layer: Layer) -> str:
    """Return when a layer was made, so that texts of whole seconds and of parts of them sort as times."""
    return layer.time.removesuffix("Z")
