"""The earlier annotator's paths, with its answers: thin adapters over what the API does.

It knew recordings by the name of their file; where several here have one name, the newest has it, and the
others answer to the digits of their id. It knew no revisions either: what it saves becomes the next revision
of the author ``annotator``, or of the name of the key that it is sent with, and nothing is overwritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..._codec import encode
from ...annotation import Annotation, tiled
from ...grid import GridSegment
from ...items import Section
from ...store.answers import Clashed
from ...vocabulary import read_section
from ..audience import timeline_of
from ..bench import workbench
from ..web.problems import refused
from ..web.requests import known, name_of
from .annotations import desk_of
from .earlier import FAULTS, aliases
from .legacy_models import Loaded, SaveTrack, Track, TrackSaved
from .sound_routes import AUDIO, audio

if TYPE_CHECKING:
    from ...store import Entry
    from ...store.desk import Desk
    from ...timeline import Timeline

routes = aliases("/api")
AUTHOR = "annotator"
MOST_POINTS = 4_000
"""Of a waveform."""
_TRIES = 10
_File = Annotated[str, Path(description="Name of the recording", examples=["night-drive.flac"])]


@routes.get("/tracks", operation_id="earlier_tracks", response_model=list[Track], responses=FAULTS)
def tracks() -> Response:
    """List the recordings. In the place of this: `GET /api/v1/recordings`."""
    library = workbench().library
    said, taken, rows = library.annotations.newest(), set[str](), []
    for entry in library.list():
        name = entry.digest if entry.name in taken else entry.name
        taken.add(name)
        rows.append({
            "filename": name, "path": name, "has_reference": entry.id in said,
            "has_generated": entry.revision > 0,
        })  # fmt: skip
    return JSONResponse(rows)


@routes.get("/load/{file}", operation_id="earlier_load", response_model=Loaded, responses=FAULTS)
def load(file: _File) -> Response:
    """Give what people say of a recording, or else the models. See `GET /api/v1/recordings/{id}/timeline`."""
    entry = _named(file)
    return _loaded(file, entry, timeline_of(workbench().library, entry))


@routes.get(
    "/load-generated/{file}", operation_id="earlier_load_generated", response_model=Loaded, responses=FAULTS
)
def load_generated(file: _File) -> Response:
    """Give what the models say of a recording. See `GET /api/v1/recordings/{id}/timeline`."""
    entry = _named(file)
    found = workbench().library.analysis(entry.id)
    if found is None:
        raise refused(404, "it has not been analysed yet", remedy="wait until its status is done")
    return _loaded(file, entry, found)


@routes.get(
    "/audio/{file}",
    operation_id="earlier_track_audio",
    response_class=Response,
    responses={**FAULTS, **AUDIO},
)
def sound(request: Request, file: _File) -> Response:
    """Serve what a browser plays. In the place of this: `GET /api/v1/recordings/{id}/audio`."""
    return audio(request, _named(file).id)


@routes.post("/save", operation_id="earlier_save", response_model=TrackSaved, responses=FAULTS)
def save(request: Request, body: Annotated[SaveTrack, Body()]) -> Response:
    """Save boundaries and tempo. In the place of this: `PUT /api/v1/recordings/{id}/annotations`."""
    entry = _named(body.filename)
    desk = desk_of(workbench(), entry, name_of(request) or AUTHOR)
    number = _saved(desk, _annotation(body, desk.recording.duration))
    told = {
        "success": True,
        "output": f"revision {number} of {desk.author}",
        "boundaries_count": len(body.boundaries),
    }
    return JSONResponse(told)


# --- private -----------------------------------------------------------------------------------------


def _named(file: str) -> Entry:
    """Return the newest recording of a name, or the one of an id."""
    library = workbench().library
    if (entry := library.get(file)) is not None:
        return known(entry.id)
    for found in library.page(search=file, limit=500).entries:
        if found.name == file:
            return found
    raise refused(404, "there is no such recording in the library", remedy="GET /api/tracks lists them")


def _annotation(body: SaveTrack, duration: float) -> Annotation:
    """Return what was saved as an annotation: each boundary begins a section that lasts until the next."""
    places = sorted(body.boundaries, key=lambda boundary: boundary.time)
    ends = [*(boundary.time for boundary in places[1:]), duration]
    sections = []
    for boundary, end in zip(places, ends, strict=True):
        read = read_section(boundary.label)
        if boundary.time < end:
            original = None if read.label == boundary.label else boundary.label or None
            sections.append(Section(boundary.time, end, read.label, original=original))
        elif boundary.time > duration:
            raise refused(422, f"a boundary at {boundary.time:g} s lies behind the end, {duration:g} s")
    grid = None
    if body.bpm is not None:
        grid = (GridSegment(min(body.downbeat or 0.0, duration), body.bpm),)
    return Annotation(grid=grid, sections=tiled(sections, duration)[0] if sections else ())


def _saved(desk: Desk, annotation: Annotation) -> int:
    """Save as the next revision, whatever that was made from: this client names none."""
    head = desk.annotations.head(desk.recording.id, desk.author)
    parent = None if head is None else head.number
    for _ in range(_TRIES):
        answer = desk.save(encode(annotation), parent=parent, note="saved by the earlier annotator's path")
        if not isinstance(answer, Clashed):
            return answer.revision.number
        parent = answer.theirs[0]
    raise refused(503, "others save at the same time, again and again")


def _loaded(file: str, entry: Entry, timeline: Timeline) -> Response:
    layer = timeline.layer("sections")
    tier = 3 if layer is None or not layer.is_person else 1 if layer.verified else 2
    downbeat = next((beat.time for beat in timeline.beats if beat.position == 1), None)
    body: dict[str, Any] = {
        "filename": file,
        "duration": timeline.recording.duration,
        "bpm": None if timeline.tempo is None else timeline.tempo.bpm,
        "downbeat": downbeat,
        "boundaries": [
            {"time": section.start, "label": section.original or section.label}
            for section in timeline.sections
        ],
        "annotation_tier": tier,
        "sample_rate": timeline.recording.sample_rate,
    }
    return JSONResponse(body | _waveform(entry))


def _waveform(entry: Entry) -> dict[str, list[float]]:
    """Return the loudest of each stretch by band, from 0 to 1, and when each begins, in seconds."""
    import numpy as np

    peaks = workbench().sound(entry).peaks
    place = next(
        (index for index, level in enumerate(peaks.levels) if len(level) <= MOST_POINTS),
        len(peaks.levels) - 1,
    )
    level = np.abs(peaks.level(place).astype(np.int16))
    step = peaks.seconds_per_bin(place)
    loudest = {
        name: np.round(level[:, column : column + 2].max(axis=1, initial=0) / 127.0, 3).clip(0, 1).tolist()
        for name, column in (("waveform_bass", 2), ("waveform_mids", 4), ("waveform_highs", 6))
    }
    return loudest | {"waveform_times": [round(step * index, 4) for index in range(len(level))]}
