"""A timeline once people have written on it: their layers beside the models', and reactions that still hold.

A reaction is about an item of a layer of passages or sections. Where a person's layer is now the chosen one,
reactions follow the items that are the same in it; what somebody changed has not been listened to, and its
reactions are ``pending`` until it has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ._codec import encode
from .items import Reaction, Target
from .timeline import Layer, Timeline

_KINDS = {"passage": "passages", "section": "sections"}


def joined(timeline: Timeline, layers: Sequence[Layer]) -> Timeline:
    """Return a timeline that also holds people's layers.

    Parameters
    ----------
    timeline : Timeline
        As the models left it.
    layers : sequence of Layer
        Of people, of the same recording.

    Returns
    -------
    Timeline
        With a further revision of the reactions where some of them do not hold any more.

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
    reactions = timeline.layer("reactions")
    if reactions is None:
        return whole
    kept = tuple(_following(reactions.items, timeline, whole))
    if set(kept) == set(reactions.items):
        return whole
    time = max([reactions.time, *(layer.time for layer in layers)])
    parent = f"{reactions.source}#{reactions.revision}"
    return whole.with_layer(
        replace(reactions, items=kept, revision=reactions.revision + 1, parent=parent, time=time)
    )


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


# --- private ---------------------------------------------------------------------------------------


def _following(reactions: Sequence[Reaction], before: Timeline, after: Timeline) -> list[Reaction]:
    """Return reactions to the items that are now chosen: the same where an item is, else pending ones."""
    followed: list[Reaction] = []
    for kind, name in _KINDS.items():
        about = [reaction for reaction in reactions if reaction.target.kind == kind]
        old, new = before.layer(name), after.layer(name)
        if not about or old is None or new is None or old == new:
            followed += about
            continue
        said = {
            (reaction.persona, reaction.heard or digest_of(old.items[reaction.target.index])): reaction
            for reaction in about
        }
        note = f"{new.source} changed it, and it has not been scored since"
        for persona in dict.fromkeys(reaction.persona for reaction in about):
            for index, item in enumerate(new.items):
                target = Target(kind, index)  # type: ignore[arg-type]
                known = said.get((persona, digest_of(item)))
                followed.append(
                    replace(known, target=target)
                    if known
                    else Reaction(
                        item.start, item.end, persona=persona, target=target, status="pending", note=note
                    )
                )
    order = {persona: index for index, persona in enumerate(dict.fromkeys(r.persona for r in reactions))}
    return sorted(followed, key=lambda reaction: (reaction.start, order[reaction.persona]))
