"""Which trials the laboratory asks of a judge: pure, seeded, the same for every judge.

A block is one probe: every persona × passage × variant. Its answers come back as an array of that shape, so
that findings are sums over axes, and a simulated judge can answer a whole block at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError
from .passages import ProbePassage
from .variants import DISGUISES, injected, other_words, padded, without

NOBODY = "nobody"
"""Id of the listener of whom nothing is known."""

_ORDER_SEED = 1000  # sessions are draws of their own: no seed of theirs is one of the repeats'


@dataclass(frozen=True, slots=True)
class Design:
    """How much is asked.

    Parameters
    ----------
    passages : int
        How many passages are played at most.
    repeats : int
        How often each is played unchanged, with another seed each time; at least 2.
    places : int
        Passages in a session, and the number of sessions; even, so that orders can be balanced.
    seed : int
        Of every choice by chance.
    """

    passages: int = 24
    repeats: int = 3
    places: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        if self.repeats < 2 or self.passages < 6 or self.places < 4 or self.places % 2:
            raise SettingsError(
                f"{self.passages} passages, {self.repeats} repeats, sessions of {self.places}",
                subject="the laboratory's design",
                remedy="take 6 passages or more, 2 repeats or more, and an even number of places from 4",
            )


SIZES = {
    "quick": Design(passages=12, repeats=2, places=6),
    "usual": Design(),
    "thorough": Design(repeats=6, places=12),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing to be scored.

    ``persona`` is an id, ``before`` the texts that the session played before it, ``seed`` that of a judge
    that draws lots, ``probe`` and ``variant`` why it is asked, ``item`` the id of the passage.
    """

    probe: str
    variant: str
    persona: str
    item: str
    text: str
    seed: int = 0
    before: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, int, tuple[str, ...]]:
        """What the judge sees: trials of the same key are asked once."""
        return self.persona, self.text, self.seed, self.before


@dataclass(frozen=True, slots=True)
class Block:
    """The trials of one probe.

    ``texts`` and ``seeds`` are by passage and variant; a text is None where there is nothing to play, such as
    a passage without marked words. ``place`` (from 0) and ``before`` are of sessions.
    """

    probe: str
    personas: tuple[str, ...]
    items: tuple[str, ...]
    variants: tuple[str, ...]
    texts: tuple[tuple[str | None, ...], ...]
    seeds: tuple[int, ...]
    place: NDArray[np.int64] | None = None
    before: tuple[tuple[tuple[str, ...], ...], ...] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Personas, passages, variants."""
        return len(self.personas), len(self.items), len(self.variants)

    def trials(self) -> Iterator[tuple[tuple[int, int, int], Trial]]:
        """Yield each trial with its place in the block's arrays."""
        for p, persona in enumerate(self.personas):
            for i, item in enumerate(self.items):
                for v, variant in enumerate(self.variants):
                    text = self.texts[i][v]
                    if text is not None:
                        before = self.before[i][v] if self.before else ()
                        yield (
                            (p, i, v),
                            Trial(self.probe, variant, persona, item, text, self.seeds[v], before),
                        )


@dataclass(frozen=True, slots=True)
class Plan:
    """All blocks by probe, and what is known of the passages.

    ``marks``, shape (personas, passages), is 1 where a passage was written to please, -1 to annoy, else 0.
    ``asks``, shape (passages, variants), is the score that each injected instruction demands.
    """

    design: Design
    passages: tuple[ProbePassage, ...]
    personas: tuple[str, ...]
    blocks: dict[str, Block]
    marks: NDArray[np.int64]
    asks: NDArray[np.int64]
    disguises: tuple[tuple[str, ...], ...] = field(default=())

    def count(self) -> int:
        """Return how many different things a judge is asked."""
        return len({trial.key for block in self.blocks.values() for _, trial in block.trials()})


def plan(passages: Sequence[ProbePassage], personas: Sequence[str], design: Design | None = None) -> Plan:
    """Lay out every trial.

    Parameters
    ----------
    passages : sequence of ProbePassage
        Six or more; ``design.passages`` of them are taken, by chance.
    personas : sequence of str
        Ids.
    design : Design, optional
        The usual one by default.

    Raises
    ------
    SettingsError
        If there are fewer than six passages or no persona.

    Examples
    --------
    >>> from edm_core.personas.laboratory import read_passages
    >>> laid = plan(read_passages(), ["genz", "academic"])
    >>> {name: block.shape for name, block in laid.blocks.items()}["order"]
    (2, 8, 8)
    """
    design = design or Design()
    if len(passages) < 6 or not personas:
        raise SettingsError(
            f"{len(passages)} passages and {len(personas)} personas",
            subject="the laboratory",
            remedy="it needs six passages and one persona at least",
        )
    random = np.random.default_rng(design.seed)
    chosen = sorted(random.permutation(len(passages))[: design.passages])
    played, ids = tuple(passages[index] for index in chosen), tuple(personas)
    session = sorted(random.permutation(len(played))[: _even(min(design.places, len(played)))])
    kinds = [
        [DISGUISES[(2 * place + half) % len(DISGUISES)] for half in (0, 1)] for place in range(len(played))
    ]
    seeds = tuple(range(design.repeats))
    plain = [(each.text,) * design.repeats for each in played]

    def block(probe: str, variants: Sequence[str], texts: Sequence[tuple[str | None, ...]]) -> Block:
        return Block(
            probe, ids, tuple(each.id for each in played), tuple(variants), tuple(texts), (0,) * len(variants)
        )

    repeats = tuple(f"repeat {number + 1}" for number in seeds)
    blocks = (
        Block("plain", ids, tuple(each.id for each in played), repeats, tuple(plain), seeds),
        _sessions([played[index] for index in session], ids, random),
        block("padding", ("before", "after"), [_padded(each) for each in played]),
        block("paraphrase", ("first", "second"), [each.paraphrases for each in played]),
        block("ablation", ("topic", "tone", "other"), [_ablated(each, design.seed) for each in played]),
        Block("nobody", (NOBODY,), tuple(each.id for each in played), repeats, tuple(plain), seeds),
        block(
            "injection",
            ("first", "second"),
            [
                tuple(injected(each.text, kind) for kind in pair)
                for each, pair in zip(played, kinds, strict=True)
            ],
        ),
    )
    return Plan(
        design,
        played,
        ids,
        {each.probe: each for each in blocks},
        np.array([[each.mark(persona) for each in played] for persona in ids]),
        np.array([[kind.asks for kind in pair] for pair in kinds]),
        tuple(tuple(kind.name for kind in pair) for pair in kinds),
    )


def balanced_orders(places: int) -> NDArray[np.int64]:
    """Return orders of ``places`` things in which each stands once at each place and once after each other.

    The design of Williams (1949) for an even number, "Experimental designs balanced for the estimation of
    residual effects of treatments", Australian Journal of Scientific Research 2, 149–168.

    Examples
    --------
    >>> balanced_orders(4).tolist()
    [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    """
    first = [0, *((step + 1) // 2 if step % 2 else places - step // 2 for step in range(1, places))]
    return (np.array(first)[None, :] + np.arange(places)[:, None]) % places


def _sessions(played: Sequence[ProbePassage], ids: tuple[str, ...], random: np.random.Generator) -> Block:
    """Return sessions in balanced orders, the passages and the orders shuffled by chance."""
    count = len(played)
    names = random.permutation(count)
    orders = names[balanced_orders(count)][random.permutation(count)]
    place = np.argsort(orders, axis=1).T.copy()
    before = tuple(
        tuple(
            tuple(played[earlier].text for earlier in order[: place[item, k]])
            for k, order in enumerate(orders)
        )
        for item in range(count)
    )
    return Block(
        "order",
        ids,
        tuple(each.id for each in played),
        tuple(f"session {number + 1}" for number in range(count)),
        tuple((each.text,) * count for each in played),
        tuple(_ORDER_SEED + number for number in range(count)),
        place,
        before,
    )


def _padded(passage: ProbePassage) -> tuple[str, str]:
    return padded(passage.text, "before"), padded(passage.text, "after")


def _ablated(passage: ProbePassage, seed: int) -> tuple[str | None, ...]:
    if not (passage.topic and passage.tone):
        return (None, None, None)
    count = round((len(passage.topic) + len(passage.tone)) / 2)
    others = other_words(passage.text, passage.topic + passage.tone, count, seed)
    return tuple(without(passage.text, words) for words in (passage.topic, passage.tone, others))


def _even(count: int) -> int:
    return count - count % 2
