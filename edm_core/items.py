"""What lies on a timeline: spans and instants, or one of the two with more fields.

Times are seconds (float) from the start of the recording; intervals are half-open, ``[start, end)``. Bars
and beats count from 1, and bar 1 is the first full bar, at the first downbeat; time before it is bar 0.
Confidences lie in ``[0, 1]``. Everything is frozen, and an item that breaks a rule cannot be made:
:class:`~edm_core.errors.TimelineError` says which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from ._codec import absent
from .errors import TimelineError

Status = Literal["ok", "failed", "abstained", "pending"]


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of the file itself.

    ``id`` is ``sha256:`` and the hexadecimal digest of the file's bytes; ``duration`` is in seconds of
    decoded sound, ``sample_rate`` in hertz.
    """

    id: str
    duration: float
    sample_rate: int
    channels: int
    path: str | None = None
    title: str | None = None
    artist: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration) and self.duration > 0):
            raise TimelineError(f"a duration of {self.duration} s", subject=self.path or self.id)


@dataclass(frozen=True, slots=True)
class Instant:
    """Something at one moment."""

    time: float
    label: str = absent("")
    confidence: float | None = absent()

    @property
    def start(self) -> float:
        """The moment; instants and spans sort by the same name."""
        return self.time

    def __post_init__(self) -> None:
        _check_time(self, self.time)
        _check_confidence(self, self.confidence)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts, over ``[start, end)``."""

    start: float
    end: float
    label: str = absent("")
    confidence: float | None = absent()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    def __post_init__(self) -> None:
        _check_time(self, self.start)
        _check_time(self, self.end)
        if self.end <= self.start:
            raise TimelineError(
                f"it ends at {self.end} s, not after its start at {self.start} s", subject=_name(self)
            )
        _check_confidence(self, self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Instant):
    """A beat: ``position`` in its bar (1 is the downbeat) and ``bar`` (0 before the first downbeat)."""

    position: int
    bar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Instant):
    """An instant with a name, such as the onset of a drop, and the bar it falls in (None without beats)."""

    bar: int | None = None


@dataclass(frozen=True, slots=True)
class TempoCandidate:
    """A tempo that was considered, and its share of the evidence; the shares add up to at most 1."""

    bpm: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo(Span):
    """Beats per minute over a span."""

    bpm: float
    candidates: tuple[TempoCandidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter(Span):
    """Beats in a bar over a span."""

    beats_per_bar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Span):
    """A musical key, by name (``A minor``) and on the Camelot wheel (``8A``)."""

    name: str
    camelot: str


@dataclass(frozen=True, slots=True)
class Energy:
    """How loud a part is in the ``bass``, ``mid`` and ``high``: 20 to 250, 250 to 4,000, above 4,000 Hz.

    RMS levels in dBFS: a full-scale sine has -3. The analyser measures them from the shared front end, which
    reaches 11.5 kHz and falls off below 50 Hz.
    """

    bass: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.bass, self.mid, self.high))):
            raise TimelineError(
                "a level that is no finite number", subject="energy", remedy="leave the energy out instead"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Span):
    """A part of the form, with its ``energy`` where that was measured.

    ``confidence`` is that of the label, ``boundary_confidence`` that something begins at its start. Bars are
    inclusive; ``repeats`` is the index of an earlier section it resembles. ``original`` is the word that
    another format had in the place of the label, where that was not one of ours.
    """

    confidence: float | None = field(default=None, kw_only=False)  # written also where there is none
    start_bar: int | None = None
    end_bar: int | None = None
    repeats: int | None = None
    energy: Energy | None = absent()
    boundary_confidence: float | None = absent()
    original: str | None = absent()

    def __post_init__(self) -> None:
        super(Section, self).__post_init__()  # plain super() does not work in a dataclass with slots
        _check_confidence(self, self.boundary_confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Span):
    """A spoken word with the recogniser's probability, None where that is not told, and who speaks it."""

    text: str
    probability: float | None
    speaker: str | None = absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance(Span):
    """What a recogniser wrote down at one go, with the evidence for it, believed or not.

    ``no_speech`` is the probability that nothing was said, ``log_probability`` the mean over tokens,
    ``compression`` how many times smaller gzip makes the text, ``temperature`` that of the sampling; each is
    None where the recogniser does not tell. ``rejected`` is why the text is not among the words.
    """

    text: str
    language: str | None = None
    no_speech: float | None = None
    log_probability: float | None = None
    compression: float | None = None
    temperature: float | None = None
    rejected: str | None = absent()


@dataclass(frozen=True, slots=True)
class Score:
    """A label and how much speaks for it."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer from a closed set of labels, or the reason why there is none.

    ``label`` and ``confidence`` are None unless ``status`` is ``ok``; ``top`` holds the best few labels
    also when the judge abstained.
    """

    status: Status
    label: str | None = None
    confidence: float | None = None
    top: tuple[Score, ...] = ()
    reason: str | None = absent()

    def __post_init__(self) -> None:
        if (self.status == "ok") != (self.label is not None):
            raise TimelineError(f"status {self.status!r} with label {self.label!r}", subject="judgement")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verbatim words and when they are heard, in seconds."""

    quote: str
    start: float
    end: float
    category: str | None = absent()


@dataclass(frozen=True, slots=True)
class Severities:
    """Severity by category, from 0 (none) to 7."""

    hate: int = 0
    sexual: int = 0
    violence: int = 0
    self_harm: int = 0
    profanity: int = 0


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether a passage is safe to broadcast; ``unknown`` carries the reason."""

    status: Literal["flagged", "clear", "unknown"]
    categories: Severities = Severities()
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = absent()


@dataclass(frozen=True, slots=True)
class Repetition:
    """What a passage says again: ``index`` and ``start`` (seconds) of the earlier passage, and how.

    ``similarity`` is the share of words in common for ``same words``, else the cosine of the embeddings. A
    ``back-announce`` names again what was announced before it was played.
    """

    kind: Literal["same words", "same meaning", "back-announce"]
    index: int
    start: float
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Span):
    """A stretch of speech about one thing.

    ``repeats`` is the index of an earlier passage that it repeats, ``repetition`` says how.
    """

    text: str
    language: str | None = None
    words: tuple[Word, ...] = ()
    topic: Judgement = Judgement("pending")
    tone: Judgement = Judgement("pending")
    safety: Safety = Safety("unknown", reason="not judged yet")
    repeats: int | None = None
    repetition: Repetition | None = absent()
    speaker: str | None = absent()


@dataclass(frozen=True, slots=True)
class Target:
    """What a reaction is about: an item of the chosen layer of that kind."""

    kind: Literal["passage", "section"]
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Span):
    """How a simulated listener takes a passage or section.

    ``score`` is the mean of ``distribution``, the probabilities of the scores 1 to 5; both are absent
    unless ``status`` is ``ok``. What made it travels along: the ``scorer`` with its version, the
    ``persona_version`` (hash of the persona's file), ``heard`` (digest of what was listened to), and of a
    language model its name, the hash of the prompt and the seed; ``time`` is when, ISO 8601 in UTC. ``flags``
    name what is odd about the item, such as ``instructions`` in the text.
    """

    confidence: float | None = field(default=None, kw_only=False)  # written also where there is none
    persona: str
    target: Target
    status: Status
    score: float | None = None
    distribution: tuple[float, ...] | None = None
    calibrated: bool = False
    opinion: str | None = None
    rationale: str | None = None
    note: str | None = None
    scorer: str = ""
    evidence: tuple[Evidence, ...] = ()
    persona_version: str = absent("")
    heard: str = absent("")
    model: str = absent("")
    prompt_hash: str = absent("")
    seed: int | None = absent()
    time: str = absent("")
    flags: tuple[str, ...] = absent(())

    def __post_init__(self) -> None:
        super(Reaction, self).__post_init__()  # plain super() does not work in a dataclass with slots
        scored = self.score is not None and self.distribution is not None
        if scored != (self.status == "ok") or (self.distribution is not None and not scored):
            raise TimelineError(f"status {self.status!r} with score {self.score!r}", subject=_name(self))
        if self.distribution is not None and (
            len(self.distribution) != 5 or not math.isclose(sum(self.distribution), 1.0, abs_tol=1e-3)
        ):
            raise TimelineError("a distribution is five probabilities that add up to 1", subject=_name(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Span):
    """What somebody wrote about a stretch: a ``comment``, or a ``flag`` that asks for another look.

    ``author`` is a name without ``person:``, ``time`` ISO 8601 in UTC.
    """

    text: str
    author: str
    time: str
    resolved: bool = absent(False)

    def __post_init__(self) -> None:
        super(Comment, self).__post_init__()  # plain super() does not work in a dataclass with slots
        if self.label not in ("comment", "flag"):
            raise TimelineError(f"{self.label!r} is neither comment nor flag", subject="comment")


Item = Instant | Span

ITEM_TYPES: dict[str, type[Item]] = {
    "activity": Span,
    "tempo": Tempo,
    "meter": Meter,
    "key": Key,
    "beats": Beat,
    "sections": Section,
    "events": Event,
    "words": Word,
    "utterances": Utterance,
    "passages": Passage,
    "reactions": Reaction,
    "comments": Comment,
}


def _check_time(item: Any, time: float) -> None:
    if not (math.isfinite(time) and time >= 0):
        raise TimelineError(f"{time} is not a time", subject=_name(item), remedy="times are seconds from 0")


def _check_confidence(item: Any, confidence: float | None) -> None:
    if confidence is not None and not 0 <= confidence <= 1:
        raise TimelineError(f"a confidence of {confidence}", subject=_name(item), remedy="give 0 to 1")


def _name(item: Any) -> str:
    return type(item).__name__.lower()
