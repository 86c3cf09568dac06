"""A judge that is made of a rule, so that what the laboratory finds of it is known beforehand."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from edm_core.personas import Persona, load_personas
from edm_core.personas.laboratory import Answer, Trial, read_passages

PASSAGES = {each.id: each for each in read_passages()}


class Ruled:
    """A judge of passages that it knows by their marks; ``rule`` changes its opinion of a trial."""

    name, identity = "ruled@1", "ruled@1 for tests"

    def __init__(self, rule: Callable[[Trial, float], float | None], noise: float) -> None:
        self.rule, self.noise, self.asked = rule, noise, 0

    def __call__(
        self, trials: Sequence[Trial], personas: Mapping[str, Persona], progress: Any = None
    ) -> Iterator[tuple[Trial, Answer]]:
        assert all(trial.persona in personas for trial in trials)
        for trial in reversed(trials):  # any order will do
            self.asked += 1
            known = PASSAGES.get(trial.item)
            opinion = 3.0 + 1.3 * (known.mark(trial.persona) if known else 0)
            opinion += random.Random(zlib.crc32(f"{trial.item} {trial.persona}".encode())).gauss(0, 0.3)
            chance = random.Random(zlib.crc32(repr(trial.key).encode()))
            score = self.rule(trial, opinion + chance.gauss(0, self.noise))
            if score is None:
                yield trial, Answer(None, reason="it had no opinion")
            else:
                yield trial, Answer(min(5.0, max(1.0, score)), flagged="score" in trial.text)
            if progress is not None:
                progress(self.asked / len(trials))


@pytest.fixture(scope="session")
def ruled() -> Callable[..., Ruled]:
    def made(rule: Callable[[Trial, float], float | None] | None = None, noise: float = 0.25) -> Ruled:
        return Ruled(rule or (lambda _, opinion: opinion), noise)

    return made


@pytest.fixture(scope="session")
def listeners() -> dict[str, Persona]:
    known = load_personas()
    names = [
        "academic",
        "advertiser",
        "business_owner",
        "genz",
        "parents",
        "regional",
        "stay_at_home_mum",
        "tradies",
    ]
    return {name: known[name] for name in names}
