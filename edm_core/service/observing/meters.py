"""What a process counts of its own work, by the names that Prometheus scrapes.

======================================== ============================================================
``edm_http_requests_total``              requests by ``method``, ``route`` (a template) and ``status``
``edm_http_request_duration_seconds``    how long they took, by ``method`` and ``route``
``edm_http_exceptions_total``            faults by ``type``; each was answered 500
``edm_page_sessions``                    pages that are open
``edm_uploads_total``                    uploads by ``outcome``: ``taken``, or why they were refused
``edm_upload_bytes_total``               their size
``edm_analyses_total``                   timelines that were kept
``edm_stage_seconds``                    seconds that computing a ``stage`` took; cached ones are left out
``edm_audio_processed_seconds_total``    seconds of recordings that were analysed
``edm_model_confidence``                 mean confidence of a recording's results, by ``stage``
``edm_persona_score``                    scores by ``persona``
``edm_jobs_finished_total``              jobs by ``kind`` and ``outcome``
======================================== ============================================================

What an earlier system planned for its ``/predict`` is there by its names: ``predictions_total``,
``prediction_latency_seconds``, ``prediction_confidence`` and ``prediction_errors_total``.

What lies in the database, such as the depth of queues, is in :mod:`edm_core.service.observing.figures`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...settings import Settings
from .metrics_files import share, take_room_first

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    from ...items import Reaction
    from ...timeline import Timeline

LATENCIES = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STAGES = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1200.0)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SCORES = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Meters:
    """The counters of this process; ``alone`` holds them where it does not share its files."""

    requests: Counter
    latency: Histogram
    exceptions: Counter
    sessions: Gauge
    uploads: Counter
    upload_bytes: Counter
    analyses: Counter
    stages: Histogram
    audio: Counter
    confidence: Histogram
    scores: Histogram
    jobs: Counter
    predictions: Counter
    prediction_latency: Histogram
    prediction_confidence: Histogram
    prediction_errors: Counter
    alone: CollectorRegistry | None


_made: Meters | None = None
_making = threading.Lock()
_told = False


def meters(settings: Settings | None = None) -> Meters:
    """Return the counters of this process, made at the first call, which decides where they are shared."""
    global _made
    if _made is None:
        with _making:
            if _made is None:
                _made = _new(settings or Settings.from_environment())
    return _made


def analysed(timeline: Timeline) -> None:
    """Count an analysis that was kept."""
    computed(timeline)
    with harmless():
        counters = meters()
        counters.analyses.inc()
        counters.audio.inc(timeline.recording.duration)
        for name, value in confidences(timeline).items():
            counters.confidence.labels(name).observe(value)
            if name == "tempo":
                counters.prediction_confidence.observe(value)
        _scored(counters, timeline.reactions)


def computed(timeline: Timeline) -> None:
    """Count what computing took, also of an analysis that is only a part and not kept."""
    with harmless():
        for name, stage in timeline.provenance.stages.items():
            if not stage.cached and stage.status == "ok":
                meters().stages.labels(name).observe(stage.seconds)


def scored(reactions: Iterable[Reaction]) -> None:
    """Count what personas said."""
    with harmless():
        _scored(meters(), reactions)


def uploaded(size: int) -> None:
    """Count an upload that was taken, of so many bytes."""
    with harmless():
        meters().uploads.labels("taken").inc()
        meters().upload_bytes.inc(size)


def refused(reason: str) -> None:
    """Count an upload that was refused; ``reason`` is one of few, such as ``too large`` or ``no sound``."""
    with harmless():
        meters().uploads.labels(reason).inc()


def job_ended(kind: str, outcome: str) -> None:
    """Count a job that came to an end: ``done``, ``failed`` or ``cancelled``."""
    with harmless():
        meters().jobs.labels(kind, outcome).inc()


def confidences(timeline: Timeline) -> dict[str, float]:
    """Return the mean confidence of what each stage found; stages without one are left out.

    Examples
    --------
    >>> from edm_core.timeline import Recording, Timeline
    >>> confidences(Timeline(Recording("sha256:00", duration=1.0, sample_rate=8000, channels=1)))
    {}
    """
    passages = timeline.passages
    found: dict[str, list[float | None]] = {
        "activity": [span.confidence for span in timeline.activity],
        "tempo": [timeline.tempo.confidence] if timeline.tempo else [],
        "meter": [timeline.meter.confidence] if timeline.meter else [],
        "key": [timeline.key.confidence] if timeline.key else [],
        "beats": [beat.confidence for beat in timeline.beats],
        "sections": [section.confidence for section in timeline.sections],
        "words": [word.probability for word in timeline.words],
        "topic": [passage.topic.confidence for passage in passages],
        "tone": [passage.tone.confidence for passage in passages],
        "personas": [reaction.confidence for reaction in timeline.reactions],
    }
    known = {name: [value for value in values if value is not None] for name, values in found.items()}
    return {name: sum(values) / len(values) for name, values in known.items() if values}


def _scored(counters: Meters, reactions: Iterable[Reaction]) -> None:
    for reaction in reactions:
        if reaction.score is not None:
            counters.scores.labels(reaction.persona).observe(reaction.score)


@contextmanager
def harmless() -> Iterator[None]:
    """Let no count that cannot be written stand in the way of what is counted."""
    try:
        yield
    except (OSError, ValueError) as error:  # a full disk; values that are no numbers
        global _told
        if not _told:  # once: it would be told at every request
            _told = True
            _log.warning("not everything is counted: %s", error)


def _new(settings: Settings) -> Meters:
    shared = share(settings)
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
    from prometheus_client.values import ValueClass

    if shared is not None:
        take_room_first()
    # Imported before it was shared, or no room: then a process has only its own figures.
    are_shared = shared is not None and getattr(ValueClass, "_multiprocess", False)
    alone = None if are_shared else CollectorRegistry()

    def counter(name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=alone)

    def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=alone)

    return Meters(
        requests=counter("edm_http_requests", "Requests.", "method", "route", "status"),
        latency=histogram(
            "edm_http_request_duration_seconds", "How long they took.", LATENCIES, "method", "route"
        ),
        exceptions=counter("edm_http_exceptions", "Faults.", "type"),
        sessions=Gauge("edm_page_sessions", "Open pages.", multiprocess_mode="livesum", registry=alone),
        uploads=counter("edm_uploads", "Uploads.", "outcome"),
        upload_bytes=counter("edm_upload_bytes", "Their bytes."),
        analyses=counter("edm_analyses", "Analyses that were kept."),
        stages=histogram("edm_stage_seconds", "What computing a stage took.", STAGES, "stage"),
        audio=counter("edm_audio_processed_seconds", "Seconds of sound that were analysed."),
        confidence=histogram("edm_model_confidence", "Mean confidence of results.", SHARES, "stage"),
        scores=histogram("edm_persona_score", "Scores that personas gave.", SCORES, "persona"),
        jobs=counter("edm_jobs_finished", "Jobs that came to an end.", "kind", "outcome"),
        predictions=counter("predictions", "Answers of /predict."),
        prediction_latency=histogram("prediction_latency_seconds", "Time to answer /predict.", LATENCIES),
        prediction_confidence=histogram("prediction_confidence", "Confidence of tempi.", SHARES),
        prediction_errors=counter("prediction_errors", "Errors of /predict."),
        alone=alone,
    )
