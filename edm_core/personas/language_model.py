"""The scorer that asks a language model on a server, or a flow, that the user named.

Every answer lies in the stage cache as soon as it is there, under server, model, prompt and text: a run that
was killed asks nothing twice when it is started again. Whatever is no proper answer gives ``failed`` with the
reason, never a score, and the rest goes on; a server that does not answer several times in a row is not asked
again in that run. Its scores are what a model says of listeners, uncalibrated.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ..content.injection import flags_of
from ..errors import ModelError
from ..items import Evidence, Passage, Reaction
from ..remote import Completes, Langflow, Server, Unanswered, Usage
from .distribution import confidence, mean
from .elicited import from_likeness, from_score, from_shares
from .persona import SCORES, Persona
from .prompts import ACCEPTED, Manner, Prompt, answer_schema, messages, prompt_of
from .quotes import located, quoted
from .scoring import Heard, Told
from .side_by_side import side_by_side

if TYPE_CHECKING:
    from ..cache import Cache
    from ..content.classify import Embeds
    from ..settings import Settings

_log = logging.getLogger(__name__)

VERSION = "1"
SCORER = f"language-model@{VERSION}"

PATIENCE = 3
"""Questions in a row without an answer after which a server is not asked again."""

MOST_CHARACTERS = 20_000
"""Length from which a text is no passage that a listener takes in at once."""

TAKEN_OVER = "the text took over the model: it gave away what it was told to keep"

_LONGEST = 2_000  # characters of an opinion or a rationale that are kept


@dataclass(frozen=True, slots=True)
class _Question:
    heard: Heard
    persona: Persona
    prompt: Prompt


class LanguageModelScorer:
    """Scores by asking.

    Parameters
    ----------
    server : Completes
        A :class:`~edm_core.remote.Server` or a :class:`~edm_core.remote.Langflow`.
    manner : Manner, optional
        How it is asked.
    workers : int, optional
        How many questions at the same time.
    cache : Cache, optional
        Where answers are kept.
    usage : Usage, optional
        Told what was spent.
    embed : callable, optional
        What free text is rated with; the packaged MiniLM by default.
    settings : Settings, optional
        Where its weights are looked for; the process's own by default.
    """

    name = SCORER

    def __init__(
        self,
        server: Completes,
        *,
        manner: Manner | None = None,
        workers: int = 4,
        cache: Cache | None = None,
        usage: Usage | None = None,
        embed: Embeds | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.server, self.manner, self.workers = server, manner or Manner(), workers
        self.usage = usage or Usage()
        self._cache, self._embed, self._settings = cache, embed, settings
        self._embedding = threading.Lock()

    @classmethod
    def of(
        cls, settings: Settings, kind: Literal["language-model", "langflow"] = "language-model", **manner: Any
    ) -> LanguageModelScorer:
        """Return the scorer that the settings describe.

        Parameters
        ----------
        settings : Settings
            ``llm_*``, and for flows ``langflow_*``; answers are kept in their cache.
        kind : {"language-model", "langflow"}
            Whom to ask.
        **manner
            Fields of :class:`Manner` that differ.

        Raises
        ------
        SettingsError
            If the settings name no server.
        """
        from ..cache import Cache

        return cls(
            Server.of(settings) if kind == "language-model" else Langflow.of(settings),
            manner=Manner(**{"rating": settings.llm_rating, **manner}),
            workers=settings.llm_workers,
            cache=Cache.of(settings),
            usage=Usage(settings.llm_input_price, settings.llm_output_price),
            settings=settings,
        )

    def varied(self, **manner: Any) -> LanguageModelScorer:
        """Return the same scorer with another seed, temperature, rating or order of the scale."""
        return LanguageModelScorer(
            self.server,
            manner=replace(self.manner, **manner),
            workers=self.workers,
            cache=self._cache,
            usage=self.usage,
            embed=self._embed,
            settings=self._settings,
        )

    @property
    def identity(self) -> str:
        """What tells its scores from another's, beyond persona and text."""
        manner = self.manner
        return (
            f"{SCORER} {self.server.where} {manner.rating} {manner.scale} "
            f"t={manner.temperature:g} seed={manner.seed} {manner.most_tokens} {manner.reasons}"
        )

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Told | None = None
    ) -> Iterator[Reaction]:
        """Yield each persona's reaction to each thing heard, in the order in which answers come."""
        if self.manner.rating == "similarity" and self._embed is None:
            from ..models import minilm

            self._embed = minilm(settings=self._settings)
        whole, done = len(heard) * len(personas), 0

        def tell() -> None:
            if progress is not None:
                progress(done / max(1, whole))

        # One listener after the other: servers keep the beginning of a prompt that they have just read.
        questions = [
            _Question(each, persona, prompt)
            for persona in personas
            for kind in ("passage", "section")
            for prompt in (prompt_of(persona, kind, self.manner),)
            for each in heard
            if each.target.kind == kind
        ]
        patience = _Patience()
        for reaction in side_by_side(
            lambda question: self._reaction(question, patience), questions, self.workers, tell
        ):
            tell()
            done += 1
            yield reaction
        tell()
        _log.info("%s: %s", self.server.where, self.usage.spent)

    def _reaction(self, question: _Question, patience: _Patience) -> Reaction:
        heard, prompt = question.heard, question.prompt
        said: dict[str, Any] = {
            "model": self.server.name,
            "prompt_hash": prompt.hash,
            "seed": self.manner.seed,
            "flags": flags_of(heard.text),
        }
        unheard = _unheard(heard)
        if unheard is not None:
            return heard.reaction(question.persona, SCORER, "abstained", note=unheard, **said)
        if patience.ended is not None:
            note = f"not asked again after {PATIENCE} failures: {patience.ended}"
            return heard.reaction(question.persona, SCORER, "failed", note=note, **said)
        spent = Usage()
        try:
            scored = self._scored(question, spent)
        except _TakenOverError:
            said["flags"] = (*said["flags"], "canary")
            return heard.reaction(question.persona, SCORER, "failed", note=TAKEN_OVER, **said)
        except ModelError as error:
            if isinstance(error, Unanswered):
                patience.failed(str(error))
            else:
                patience.answered()
            return heard.reaction(question.persona, SCORER, "failed", note=str(error), **said)
        finally:
            self.usage.include(spent.spent)
        if spent.spent.requests:  # what was in the cache says nothing of the server
            patience.answered()
        return heard.reaction(question.persona, SCORER, **scored, **said)

    def _scored(self, question: _Question, usage: Usage) -> dict[str, Any]:
        """Ask, and return the fields of a reaction that has a score."""
        asked, manner, persona = messages(question.prompt, question.heard), self.manner, question.persona
        wishes: dict[str, Any] = {
            "most_tokens": manner.most_tokens, "temperature": manner.temperature, "seed": manner.seed,
            "cache": self._cache, "usage": usage,
        }  # fmt: skip
        if manner.rating == "similarity":
            text = self.server.complete_text(asked, **wishes)
            answer: Mapping[str, Any] = {"opinion": text, "quotes": quoted(text)}
        else:
            answer = self.server.complete(asked, answer_schema(manner), accepts=ACCEPTED, **wishes)
        if question.prompt.canary in json.dumps(answer, ensure_ascii=False).casefold():
            raise _TakenOverError
        notes = [_text(answer.get("note"))]
        if manner.rating == "similarity":
            distribution = self._by_likeness(str(answer["opinion"]), persona)
            answer = {**answer, "rationale": _likeness(distribution, persona)}
        elif "distribution" in answer:
            distribution = from_shares(answer["distribution"], self.server.where)
        else:
            distribution = from_score(answer["score"], answer["confidence"])
            notes.append("the model gave a score and how sure it is, not a distribution")
        evidence, dropped = _evidence(answer.get("quotes", ()), question.heard)
        if dropped:
            notes.append(f"{dropped} quote{'s' * (dropped > 1)} not in the transcript, dropped")
        return {
            "confidence": confidence(distribution),
            "score": mean(distribution),
            "distribution": distribution,
            "opinion": _text(answer.get("opinion")),
            "rationale": _text(answer.get("rationale")),
            "note": "; ".join(filter(None, notes)) or None,
            "evidence": evidence,
        }

    def _by_likeness(self, text: str, persona: Persona) -> tuple[float, ...]:
        from ..content.classify import embedded

        assert self._embed is not None
        with self._embedding:
            return from_likeness(self._embed([text])[0], embedded(persona.anchors, self._embed))


# --- private ---------------------------------------------------------------------------------------


class _TakenOverError(Exception):
    """The model wrote what it was told to keep."""


class _Patience:
    """Counts failures in a row; threads share it."""

    def __init__(self) -> None:
        self._lock, self._failures = threading.Lock(), 0
        self.ended: str | None = None

    def failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= PATIENCE:
                self.ended = reason

    def answered(self) -> None:
        with self._lock:
            self._failures = 0


def _unheard(heard: Heard) -> str | None:
    """Return why there is nothing to ask, if so."""
    if heard.target.kind == "section":
        return None if heard.facts() else "nothing was measured of it"
    if not heard.text.strip():
        return "nothing is said in it"
    if len(heard.text) > MOST_CHARACTERS:
        return f"it has more than {MOST_CHARACTERS:,} characters, which nobody takes in at once"
    return None


def _evidence(quotes: Sequence[str], heard: Heard) -> tuple[tuple[Evidence, ...], int]:
    if isinstance(heard.item, Passage):
        return located(quotes, heard.item)
    return (heard.bars(),), 0


def _likeness(distribution: Sequence[float], persona: Persona) -> str:
    best = max(SCORES, key=lambda score: distribution[score - 1])
    anchor = persona.anchors[best - 1]
    return f"Of this listener's sentences for each score, that is most like “{anchor}” ({best})."


def _text(value: object) -> str | None:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") or None
