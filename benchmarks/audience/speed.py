"""How long the offline scorer takes for a thousand scores, and whether it says the same every time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from statistics import median

GOAL_S = 2.0
PASSAGES = 91
"""A thousand and one scores: each of the packaged personas hears each passage."""

_MEASURED = """
import json, sys, time, hashlib
from edm_core._codec import encode
from edm_core.content import describe, read_examples
from edm_core.items import Passage, Word
from edm_core.models import minilm
from edm_core.personas import load_personas, react
from edm_core.settings import Settings

settings = Settings.from_environment({"EDM_DATA_DIR": sys.argv[1]})
texts = [text for _, _, text in read_examples()]
passages = []
for place in range(int(sys.argv[2])):
    text = " ".join((texts[place % len(texts)], texts[(7 * place + 3) % len(texts)]))
    start = 20.0 * place
    words = tuple(
        Word(start + 0.3 * i, start + 0.3 * i + 0.25, text=word, probability=0.9)
        for i, word in enumerate(text.split())
    )
    passages.append(Passage(start, words[-1].end, text=text, words=words, language="en"))
described = describe(passages, settings=settings)
personas = load_personas(settings=settings)
embed = minilm(settings=settings)
embed.forget([text for text in embed._known])  # as in a process that has not described them itself
began = time.perf_counter()
reactions = react(described, personas=personas, settings=settings)
cold = time.perf_counter() - began
began = time.perf_counter()
again = react(described, personas=personas, settings=settings)
warm = time.perf_counter() - began
document = json.dumps(encode(reactions), ensure_ascii=False)
print(json.dumps({
    "scores": len(reactions), "cold": cold, "warm": warm, "same": reactions == again,
    "digest": hashlib.sha256(document.encode()).hexdigest(),
    "words": sum(len(p.words) for p in passages) / len(passages),
}))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds for all scores at first and again, and a digest of what was said."""

    scores: int
    cold: float
    warm: float
    same: bool
    digest: str
    words: float


def measured(runs: int) -> tuple[Run, ...]:
    """Score in several fresh processes; the first has nothing in its cache, the others share it."""
    with tempfile.TemporaryDirectory(prefix="edm-audience-") as folder:
        command = [sys.executable, "-c", _MEASURED, folder, str(PASSAGES)]
        return tuple(
            Run(**json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
            for _ in range(runs + 1)
        )


def section(runs: int) -> str:
    """Return Markdown."""
    first, *rest = measured(runs)
    cold, warm = (median(getattr(run, name) for run in rest) for name in ("cold", "warm"))
    alike = all(run.same and run.digest == first.digest for run in (first, *rest))
    reached = "reached" if cold <= GOAL_S else "not reached"
    goal = f"Goal: a thousand scores in {GOAL_S:g} s: {reached}. "
    same = f"All {2 * (runs + 1)} rounds gave the same bytes: {'yes' if alike else 'NO'}."
    return "\n".join(
        [
            f"| {first.scores} offline scores of passages of {first.words:.0f} words | seconds |",
            "|---|---|",
            f"| in a fresh process, its passages not embedded yet (median of {runs}) | {cold:.2f} |",
            f"| again in the same process | {warm:.2f} |",
            f"| the first time on a machine: personas are embedded and kept | {first.cold:.2f} |",
            "",
            goal + same,
        ]
    )
