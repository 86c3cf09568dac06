"""The pipeline: a recording goes in, a timeline comes out.

The stages are a table, :data:`STAGES`: each names what it needs, what version it is, and one function. What a
stage found is kept in the stage cache, under a key made of the recording's content, the stage's version and
parameters, and the keys of what it needs; so a change of one stage computes anew what rests on it and
nothing else.

A stage that fails takes down only what needs it: the rest of the timeline stands, and ``problems`` and
``provenance.stages`` say what happened. Only a file that cannot be read as sound raises.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ._codec import decode_items, encode
from ._threads import one_blas_thread
from ._version import __version__
from .cache import Cache, key_of
from .errors import Cancelled, EdmError, SettingsError, StorageError
from .progress import Progress, ProgressMeter
from .settings import Settings
from .timeline import (
    ITEM_TYPES,
    Layer,
    LayerKind,
    Passage,
    Problem,
    Provenance,
    Recording,
    StageRecord,
    Timeline,
)
from .vocabulary import SPEECH_LABELS

if TYPE_CHECKING:
    from .audio import Sound
    from .personas import Persona
    from .segmentation import Rhythm

log = logging.getLogger(__name__)

MUSIC = ("activity", "beats", "sections", "key", "personas")
"""Stages of ``--only music``."""
SPEECH = ("activity", "words", "content", "personas")
"""Stages of ``--only speech``."""

Items = dict[str, tuple[Any, ...]]
"""What a stage found: items by kind of layer."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the pipeline.

    Parameters
    ----------
    name : str
        As in ``provenance.stages``.
    needs : tuple of str
        Stages whose results it reads.
    uses : tuple of str
        Stages whose results it reads where there are some; asked for on its own, it asks for them too.
    home : str
        Module whose ``VERSION`` is the stage's.
    run : callable
        Takes the state of the analysis and returns what was found.
    cost : callable
        Expected seconds, from the state; only ratios matter, for progress.
    nothing : str
        Why the result may be empty, for the record.
    """

    name: str
    needs: tuple[str, ...]
    home: str
    run: Callable[[_State], Items]
    cost: Callable[[_State], float]
    nothing: str
    uses: tuple[str, ...] = ()


def analyze(
    path: str | os.PathLike[str],
    *,
    progress: Callable[[Progress], None] | None = None,
    stages: Iterable[str] | None = None,
    settings: Settings | None = None,
    personas: Sequence[str] | None = None,
    language: str | None = None,
) -> Timeline:
    """Analyse a recording.

    Parameters
    ----------
    path : path
        A sound file; see :func:`edm_core.audio.load` for the formats.
    progress : callable, optional
        Called with a :class:`Progress` as the work goes on. What it raises stops the analysis; stages that
        are done stay in the cache, so that the next call resumes.
    stages : iterable of str, optional
        Names from :data:`STAGES`; what they need is added. All by default.
    settings : Settings, optional
        Limits, data folder and models; by default from the environment.
    personas : sequence of str, optional
        Ids of the personas that react; all that are not retired by default.
    language : str, optional
        Code of the spoken language, such as ``en``; found out from the speech by default.

    Returns
    -------
    Timeline
        With a layer for everything that could be computed.

    Raises
    ------
    AudioError
        If the file cannot be read as sound.
    SettingsError
        If a stage or persona does not exist.

    Examples
    --------
    >>> from edm_core.resources import DEMO
    >>> timeline = analyze(DEMO / "edm_track.mp3", stages=["sections"])  # doctest: +SKIP
    >>> round(timeline.tempo.bpm)  # doctest: +SKIP
    126
    """
    from .audio import load

    settings = settings or Settings.from_environment()
    wanted = _with_needs(stages)
    asked = any(stage.name == "personas" for stage in wanted)
    audience, amiss = _audience(personas, settings) if asked else ({}, [])
    cache = Cache.of(settings)
    meter = ProgressMeter(progress)
    with one_blas_thread():
        started = time.perf_counter()
        sound = load(path, settings=settings, cache=cache, progress=meter.reading)
        state = _State(sound, settings, cache, audience, language, meter, problems=amiss)
        decoded = meter.readings > 1  # what was read before reports only its end
        state.records["audio"] = StageRecord(_version("audio.sound"), _since(started), cached=not decoded)
        for stage in wanted:
            meter.plan(stage.name, [(later.name, later.cost(state)) for later in wanted])
            _run(stage, state)
    if state.found.get("words") and "passages" not in state.found:
        # What was said stands even if nothing judged it; its content is pending.
        words = next(layer for layer in state.layers if layer.kind == "words")
        state.layers.append(Layer("passages", words.source, state.spoken, time=words.time))
    meter.finish()
    cache.trim()
    return Timeline(
        recording=state.sound.recording,
        layers=tuple(state.layers),
        problems=tuple(state.problems),
        provenance=Provenance(__version__, state.records),
    )


def versions() -> dict[str, str]:
    """Return the version of each stage, by name."""
    return {stage.name: _version(stage.home) for stage in STAGES}


# --- what each stage does --------------------------------------------------------------------------


def _activity(state: _State) -> Items:
    from .segmentation import find_activity

    return {"activity": find_activity(state.sound, settings=state.settings)}


def _beats(state: _State) -> Items:
    from .segmentation import track_beats

    rhythm = track_beats(state.sound, state.found["activity"], settings=state.settings)
    return {"beats": rhythm.beats, "tempo": rhythm.tempi, "meter": rhythm.meters}


def _sections(state: _State) -> Items:
    from .segmentation import drop_events, find_sections

    sections = find_sections(state.sound, state.rhythm, state.found["activity"], settings=state.settings)
    return {"sections": sections, "events": drop_events(sections)}


def _key(state: _State) -> Items:
    from .segmentation import find_key

    key = find_key(state.sound, state.found["activity"])
    return {"key": (key,) if key else ()}


def _words(state: _State) -> Items:
    from .transcription import Journal, transcribe

    transcript = transcribe(
        state.sound,
        state.found["activity"],
        engine=state.settings.whisper_engine,
        model=state.settings.whisper_model,
        language=state.language,
        settings=state.settings,
        progress=state.meter.within,
        journal=Journal(state.cache, state.key),
    )
    return {"words": transcript.words, "utterances": transcript.utterances}


def _content(state: _State) -> Items:
    from .content import describe

    return {"passages": describe(state.spoken, settings=state.settings)}


def _personas(state: _State) -> Items:
    from .personas import react

    found = state.found
    # Where content failed, the passages stand without it, and so do pending reactions to them.
    passages = found.get("passages") or (state.spoken if found.get("words") else ())
    reactions = react(
        passages, found.get("sections", ()), state.personas, tempi=found.get("tempo", ()),
        keys=found.get("key", ()), settings=state.settings, time=_now(),
    )  # fmt: skip
    return {"reactions": reactions}


STAGES: tuple[Stage, ...] = (
    Stage("activity", (), "segmentation.activity", _activity, lambda s: 0.004 * s.duration, "no sound"),
    Stage("beats", ("activity",), "segmentation.beats", _beats, lambda s: 0.002 * s.duration, "no beat"),
    Stage(
        "sections", ("activity", "beats"), "segmentation.sections", _sections,
        lambda s: 0.001 * s.duration, "no music with a form",
    ),
    Stage("key", ("activity",), "segmentation.key", _key, lambda s: 0.0001 * s.duration, "no key stands out"),
    Stage("words", ("activity",), "transcription", _words, lambda s: 0.12 * s.speech_seconds, "no speech"),
    Stage("content", ("words",), "content", _content, lambda s: 0.005 * s.speech_seconds, "no speech"),
    Stage(
        "personas", (), "personas", _personas, lambda s: 0.005 * s.speech_seconds + 0.0001 * s.duration,
        "nothing that these personas listen to", uses=("content", "beats", "sections", "key"),
    ),
)  # fmt: skip
"""The pipeline after reading the file, in order."""


# --- how stages are run ----------------------------------------------------------------------------


@dataclass
class _State:
    """An analysis in progress."""

    sound: Sound
    settings: Settings
    cache: Cache
    personas: dict[str, Persona]
    language: str | None
    meter: ProgressMeter
    key: str = ""
    found: Items = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    records: dict[str, StageRecord] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def duration(self) -> float:
        return self.sound.recording.duration

    @property
    def speech_seconds(self) -> float:
        return float(
            sum(span.duration for span in self.found.get("activity", ()) if span.label in SPEECH_LABELS)
        )

    @property
    def spoken(self) -> tuple[Passage, ...]:
        """Passages of the words, not judged yet: their length is a matter of taste, not of recognition."""
        from .transcription import passages_of

        target = self.settings.passage_s
        language = next((each.language for each in self.found["utterances"]), None)
        return passages_of(self.found["words"], language=language, target=target, longest=2 * target)

    @property
    def rhythm(self) -> Rhythm:
        from .segmentation import Rhythm

        return Rhythm(self.found["beats"], self.found["tempo"], self.found["meter"])


def _run(stage: Stage, state: _State) -> None:
    version = _version(stage.home)
    missing = [need for need in stage.needs if state.records[need].status == "failed"]
    if missing:
        state.records[stage.name] = _not_without(missing[0], version)
        return
    started = time.perf_counter()
    try:
        parameters = _parameters(stage, state)
        key = key_of(
            state.sound.recording.id, stage.name, version, parameters,
            *(state.keys[need] for need in stage.needs),
            *(state.keys.get(use, "") for use in stage.uses),
        )  # fmt: skip
        state.key = key
        found = _recall(state.cache, key)
        cached = found is not None
        if found is None:
            items = stage.run(state)
            found = _Found(items, _since(started), _now())
        layers = _layers(f"model:{stage.name}@{version}", found, state.sound.recording)
    except (Cancelled, KeyboardInterrupt):
        raise
    except Exception as error:  # whatever breaks in one stage must not take the others down
        log.warning("stage %s failed on %s", stage.name, state.sound.recording.path, exc_info=True)
        text = str(error) if isinstance(error, EdmError) else f"{type(error).__name__}: {error}"
        reason = " ".join(text.split())
        state.problems.append(Problem(stage.name, reason))
        state.records[stage.name] = StageRecord(
            version, _since(started), cached=False, status="failed", reason=reason
        )
        return
    unanswered = _unanswered(found.items.get("passages", ()))
    if unanswered:
        state.problems.append(Problem(stage.name, unanswered))
        key = key_of(key, unanswered, found.time)  # what rests on it is not what rests on the answer
    elif not cached:
        _remember(state.cache, key, found)
    state.keys[stage.name] = key
    state.found |= found.items
    state.layers += layers
    empty = not any(found.items.values())
    used = [use for use in stage.uses if use in state.records and state.records[use].status == "failed"]
    if empty and used:
        state.records[stage.name] = _not_without(used[0], version)
        return
    state.records[stage.name] = StageRecord(
        version,
        found.seconds,
        cached,
        status="abstained" if empty else "ok",
        reason=stage.nothing if empty else None,
        parameters=parameters or None,
    )


def _not_without(need: str, version: str) -> StageRecord:
    return StageRecord(version, 0.0, cached=False, status="failed", reason=f"it needs {need}, which failed")


def _unanswered(passages: Sequence[Passage]) -> str | None:
    """Return why some passages have no answer, if a server failed: that is asked again, not kept."""
    judgements = [each for passage in passages for each in (passage.topic, passage.tone)]
    return next((each.reason for each in judgements if each.status == "failed"), None)


def _layers(source: str, found: _Found, recording: Recording) -> list[Layer]:
    """Return what was found as layers.

    They are put on a timeline of their own first: items that break the data model are the stage's failure,
    neither the timeline's nor worth keeping.
    """
    layers = tuple(
        Layer(_kind(kind), source, items, time=found.time) for kind, items in found.items.items() if items
    )
    return list(Timeline(recording, layers).layers)


@dataclass(frozen=True, slots=True)
class _Found:
    items: Items
    seconds: float
    time: str


def _recall(cache: Cache, key: str) -> _Found | None:
    entry = cache.get(key)
    if entry is None:
        return None
    try:
        document = json.loads((entry / "found.json").read_text(encoding="utf-8"))
        items = {
            kind: decode_items(ITEM_TYPES[kind], values, kind) for kind, values in document["items"].items()
        }
        return _Found(items, document["seconds"], document["time"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EdmError):
        cache.drop(key)  # cut short, or written by a version that meant something else: computed anew
        return None


def _remember(cache: Cache, key: str, found: _Found) -> None:
    try:
        with cache.create(key) as draft:
            (draft / "found.json").write_text(
                json.dumps({"items": encode(found.items), "seconds": found.seconds, "time": found.time}),
                encoding="utf-8",
            )
    except (OSError, StorageError) as error:
        # A full disk costs time at the next run, not the result of this one.
        log.warning("the stage cache cannot be written: %s", error)


def _with_needs(names: Iterable[str] | None) -> list[Stage]:
    table = {stage.name: stage for stage in STAGES}
    wanted = set(table) if names is None else set(names)
    unknown = wanted - set(table)
    if unknown:
        raise SettingsError(
            f"{min(unknown)!r} is no stage", subject="stages", remedy=f"use {', '.join(table)}"
        )
    for stage in reversed(STAGES):
        if stage.name in wanted:
            wanted |= set(stage.needs)
            if not wanted & set(stage.uses):
                wanted |= set(stage.uses)
    return [stage for stage in STAGES if stage.name in wanted]


def _audience(names: Sequence[str] | None, settings: Settings) -> tuple[dict[str, Persona], list[Problem]]:
    """Return the personas of these names, and what is wrong with files of others."""
    from .personas import read_roster

    roster = read_roster(settings)
    unknown = [name for name in names or () if name not in roster.active]
    if unknown:
        raise SettingsError(
            f"{unknown[0]!r} is no persona", subject="personas", remedy=f"use {', '.join(roster.active)}"
        )
    chosen = roster.active if names is None else {name: roster.active[name] for name in names}
    return chosen, [Problem("personas", str(error)) for error in roster.problems]


def _parameters(stage: Stage, state: _State) -> dict[str, str]:
    """Return what a stage's result depends on besides its version and what it needs."""
    if stage.name in ("activity", "beats", "sections"):
        from .models.catalogue import ACTIVITY, FORM, PULSE

        weights = {"activity": ACTIVITY, "beats": PULSE, "sections": FORM}[stage.name]
        return {"weights": weights.files[0].sha256[:16]}
    if stage.name == "words":
        from .models import whisper_weights

        settings = state.settings
        parameters = {"engine": settings.whisper_engine, "model": settings.whisper_model}
        if settings.whisper_engine == "server":
            parameters["server"] = settings.whisper_base_url
        else:
            parameters["weights"] = whisper_weights(settings.whisper_model, settings=settings)
        return parameters | ({"language": state.language} if state.language else {})
    if stage.name == "content":
        from .content import judged_by, labels_version

        settings = state.settings
        passage_s = f"{settings.passage_s:g}"
        return {"labels": labels_version(), "engine": judged_by(settings), "passage_s": passage_s}
    if stage.name == "personas":
        return {name: persona.version for name, persona in state.personas.items()}
    return {}


def _version(home: str) -> str:
    version: str = importlib.import_module(f"{__package__}.{home}").VERSION
    return version


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _kind(name: str) -> LayerKind:
    return name  # type: ignore[return-value]


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
