"""What the player shows, as plain values: the chosen layers of a timeline, compact enough to travel.

Times are seconds, rounded to a tenth of a millisecond. Words travel as ``[start, end, text, probability]``,
the last None where the recogniser does not tell, and beats as three arrays of one length.
``frontend/src/types.ts`` declares the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..evaluation import Finding, check
from ..timeline import Judgement, Passage, Reaction, Recording, Safety, Span, Timeline, Word
from ..vocabulary import ACTIVITY_COLOURS, SECTION_COLOURS

if TYPE_CHECKING:
    from ..audio import Peaks

SCHEMA = 1
UNKNOWN_FACE = "👤"
NEAREST = 3
"""How many labels travel of a judge that abstained."""


class PersonaLike(Protocol):
    """What the player needs of a persona."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def emoji(self) -> str:
        """Its face."""


def view(
    timeline: Timeline,
    *,
    title: str | None = None,
    audio_url: str,
    peaks: Peaks | None,
    peaks_url: str,
    personas: Mapping[str, PersonaLike],
    at: float = 0.0,
) -> dict[str, Any]:
    """Return what the player is given. Pure.

    Parameters
    ----------
    timeline : Timeline
        Its chosen layers are shown.
    title : str, optional
        Name shown; by default the recording's own title, else the name of its file.
    audio_url : str
        Where the sound is served, with byte ranges.
    peaks : Peaks or None
        The pyramid to be drawn; only its sizes travel here. None draws no waveform.
    peaks_url : str
        ``{peaks_url}/{level}`` serves a level's bytes.
    personas : mapping of str to PersonaLike
        Names and faces by id, in the order of the lanes. A persona that reacted but is not among them is
        shown by its id.
    at : float
        Where the sound stands at first, in seconds.

    Returns
    -------
    dict
        JSON-like values.

    Examples
    --------
    >>> from edm_core.timeline import Recording, Timeline
    >>> props = view(
    ...     Timeline(Recording("sha256:00", 60.0, 44100, 2, path="/music/loop.wav")),
    ...     audio_url="/audio", peaks=None, peaks_url="/peaks", personas={},
    ... )
    >>> props["recording"]["title"], props["sections"], props["speech"]
    ('loop', [], None)
    """
    recording, chosen = timeline.recording, timeline.layer("sections")
    tempo, meter, key = timeline.tempo, timeline.meter, timeline.key
    return {
        **stage_props(recording, title=title, at=at, audio_url=audio_url, peaks=peaks, peaks_url=peaks_url),
        "tempo": None if tempo is None else {"bpm": tempo.bpm, "confidence": tempo.confidence},
        "beatsPerBar": None if meter is None else meter.beats_per_bar,
        "key": None
        if key is None
        else {"name": key.name, "camelot": key.camelot, "confidence": key.confidence},
        "speech": speech_share(timeline),
        "beats": {
            "time": [_time(beat.time) for beat in timeline.beats],
            "position": [beat.position for beat in timeline.beats],
            "bar": [beat.bar for beat in timeline.beats],
        },
        "sections": [
            {
                **_span(section),
                "label": section.label,
                "colour": SECTION_COLOURS[section.label],  # type: ignore[index]
                "startBar": section.start_bar,
                "endBar": section.end_bar,
                "confidence": section.confidence,
                "repeats": section.repeats,
            }
            for section in timeline.sections
        ],
        "sectionsBy": None if chosen is None else {"source": chosen.source, "person": chosen.is_person},
        "events": [
            {"time": _time(event.time), "label": event.label, "bar": event.bar} for event in timeline.events
        ],
        "activity": [
            {
                **_span(span),
                "label": span.label,
                "colour": ACTIVITY_COLOURS[span.label],  # type: ignore[index]
                "confidence": span.confidence,
            }
            for span in timeline.activity
        ],
        "passages": [_passage(passage, timeline.passages) for passage in timeline.passages],
        "rejected": [
            {**_span(each), "text": each.text, "reason": each.rejected}
            for each in timeline.utterances
            if each.rejected is not None and each.text.strip()
        ],
        "missing": {problem.stage: problem.error for problem in timeline.problems},
        "personas": [
            {"id": name, "name": personas[name].name, "emoji": personas[name].emoji}
            if name in personas
            else {"id": name, "name": name, "emoji": UNKNOWN_FACE}
            for name in persona_order(timeline.reactions, personas)
        ],
        "reactions": [reaction_props(reaction) for reaction in timeline.reactions],
        "moments": moments(timeline.reactions, personas),
        "findings": [_finding(finding) for finding in check(timeline)],
    }


def stage_props(
    recording: Recording, *, title: str | None, at: float, audio_url: str, peaks: Peaks | None, peaks_url: str
) -> dict[str, Any]:
    """Return what player and editor alike are given: the recording, where it stands, its sound and peaks."""
    return {
        "schema": SCHEMA,
        "recording": {
            "id": recording.id,
            "title": title or title_of(recording),
            "artist": recording.artist,
            "duration": recording.duration,
        },
        "at": min(max(0.0, at), recording.duration),
        "audio": {"url": audio_url},
        "peaks": None
        if peaks is None
        else {
            "url": peaks_url,
            "sampleRate": peaks.sample_rate,
            "hop": peaks.hop,
            "levels": [len(level) for level in peaks.levels],
        },
    }


def title_of(recording: Recording) -> str:
    """Return what a recording is called: its title, else the name of its file without the ending."""
    return recording.title or (Path(recording.path).stem if recording.path else "") or "Untitled"


def speech_share(timeline: Timeline) -> float | None:
    """Return the share of the recording that holds speech, 0 to 1; None where nobody looked."""
    if timeline.layer("activity") is None:
        return None
    spoken = sum(span.duration for span in timeline.activity if "speech" in span.label)
    return min(1.0, spoken / timeline.recording.duration)


def persona_order(reactions: Sequence[Reaction], personas: Mapping[str, PersonaLike]) -> list[str]:
    """Return the ids of those who reacted, in the order of ``personas``; unknown ones come last."""
    reacted = dict.fromkeys(reaction.persona for reaction in reactions)
    return [name for name in personas if name in reacted] + [name for name in reacted if name not in personas]


def moments(reactions: Sequence[Reaction], personas: Mapping[str, PersonaLike]) -> list[dict[str, Any]]:
    """Return each persona's best and worst moment, the earliest of equals.

    A persona whose scores are all alike has neither.
    """
    from ..personas import summary

    rows = summary(reactions)
    return [
        {"persona": name, "kind": kind, "time": _time(moment.start), "score": moment.score}
        for name in persona_order(reactions, personas)
        for kind, moment in (("best", rows[name].best), ("worst", rows[name].worst))
        if moment is not None
    ]


def _passage(passage: Passage, passages: Sequence[Passage]) -> dict[str, Any]:
    return {
        **_span(passage),
        "text": passage.text,
        "language": passage.language,
        "words": [_word(word) for word in passage.words],
        "topic": _judgement(passage.topic),
        "tone": _judgement(passage.tone),
        "safety": _safety(passage.safety),
        "repetition": _repetition(passage, passages),
    }


def _word(word: Word) -> list[Any]:
    probability = None if word.probability is None else round(word.probability, 3)
    return [_time(word.start), _time(word.end), word.text, probability]


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "status": judgement.status,
        "label": judgement.label,
        "confidence": judgement.confidence,
        "reason": judgement.reason,
        # What came nearest is of interest where there was no answer.
        "nearest": [[score.label, round(score.confidence, 3)] for score in judgement.top[:NEAREST]]
        if judgement.status == "abstained"
        else [],
    }


def _safety(safety: Safety) -> dict[str, Any]:
    severities = asdict(safety.categories)
    return {
        "status": safety.status,
        "categories": [
            {"name": _category(name), "severity": severity}
            for name, severity in sorted(severities.items(), key=lambda each: -each[1])
            if severity > 0
        ],
        "evidence": [
            {
                "quote": each.quote,
                "start": _time(each.start),
                "end": _time(each.end),
                "category": None if each.category is None else _category(each.category),
            }
            for each in safety.evidence
        ],
        "reason": safety.reason,
    }


def _category(name: str) -> str:
    return name.replace("_", "-")


def _repetition(passage: Passage, passages: Sequence[Passage]) -> dict[str, Any] | None:
    """Return how and when it was said before; who marked only ``repeats`` said that it was, but not how."""
    if (how := passage.repetition) is not None:
        return {"kind": how.kind, "start": _time(how.start), "similarity": round(how.similarity, 3)}
    if passage.repeats is None or not 0 <= passage.repeats < len(passages):
        return None
    return {"kind": None, "start": _time(passages[passage.repeats].start), "similarity": None}


def reaction_props(reaction: Reaction) -> dict[str, Any]:
    """Return what is shown of a reaction, wherever it is."""
    return {
        **_span(reaction),
        "persona": reaction.persona,
        "kind": reaction.target.kind,
        "index": reaction.target.index,
        "status": reaction.status,
        "score": reaction.score,
        "distribution": None if reaction.distribution is None else list(reaction.distribution),
        "confidence": reaction.confidence,
        "calibrated": reaction.calibrated,
        "opinion": reaction.opinion,
        "rationale": reaction.rationale,
        "note": reaction.note,
        "scorer": reaction.scorer,
        "evidence": [
            {"quote": each.quote, "start": _time(each.start), "end": _time(each.end)}
            for each in reaction.evidence
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "start": _time(finding.start),
        "end": None if finding.end is None else _time(finding.end),
        "message": finding.message,
        "bar": finding.bar,
        "beat": finding.beat,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"start": _time(span.start), "end": _time(span.end)}


def _time(seconds: float) -> float:
    return round(seconds, 4)
