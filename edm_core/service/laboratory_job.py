"""Putting a judge through the laboratory and keeping its report: what a worker does, and the command line.

Reports lie as JSON below ``<data_dir>/laboratory``, one file each, and are recorded as experiments. A run
that is stopped keeps nothing but what a language model answered until then, so that nothing is asked twice.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._codec import decode, encode
from .._files import made, write_atomic, writing
from ..errors import Cancelled, EdmError, ModelError, SettingsError
from ..jobs import Ledger
from ..settings import Settings
from ..store import Entry, Library
from .analysis_job import Progress, job_of
from .audience import timeline_of
from .observing.logs import of_job

if TYPE_CHECKING:
    from ..personas import Persona
    from ..personas.laboratory import LabReport

STAGE = "laboratory"
MOST_KEPT = 200
"""How many reports are looked at, the newest first."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Examination:
    """What is to be examined, and how.

    ``personas`` are ids, all that hear speech where there are none; ``recording`` is the id of one whose
    passages are played instead of the packaged ones; ``size`` and ``seed`` are of the design, ``temperature``
    of a language model.
    """

    scorer: str = "offline"
    personas: tuple[str, ...] = ()
    recording: str = ""
    size: str = "usual"
    seed: int = 0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A report in a file, with the name that an address gives it."""

    name: str
    report: LabReport


def examined(
    library: Library,
    wanted: Examination,
    *,
    told: Callable[[str], None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> LabReport:
    """Put a judge through the laboratory.

    Parameters
    ----------
    library : Library
        Where recordings and their ratings are from.
    wanted : Examination
        Which judge, and how.
    told : callable, optional
        Told how many questions a server will be asked.
    progress : callable, optional
        Told the share that is done; what it raises stops the work.

    Raises
    ------
    SettingsError
        If judge, size or persona are not known, or there is too little to play.
    EdmError
        If the recording is not in the library or has not been analysed.
    """
    from ..personas.laboratory import PACKAGED, SIZES, examine, judge_of, plan, read_passages

    settings = library.settings
    if wanted.size not in SIZES:
        raise SettingsError(
            f"there is no size {wanted.size!r}", subject="laboratory", remedy=f"use {', '.join(SIZES)}"
        )
    design = replace(SIZES[wanted.size], seed=wanted.seed)
    personas, judge = (
        listeners(wanted.personas, settings),
        judge_of(wanted.scorer, settings, wanted.temperature),
    )
    passages, reference, source = read_passages(), None, PACKAGED
    if wanted.recording:
        from ..personas.laboratory import of_recording

        entry = _entry(library, wanted.recording)
        timeline = timeline_of(library, entry)
        passages, reference = of_recording(
            timeline, library.ratings.newest(entry.id), design.passages, wanted.seed
        )
        source = f"{entry.shown} ({entry.id[:19]}…)"
    if told is not None and wanted.scorer != "offline":
        told(f"{plan(passages, list(personas), design).count()} questions to {judge.identity}")
    return examine(
        judge, personas, passages, source=source, design=design, reference=reference, progress=progress
    )


def listeners(names: Sequence[str], settings: Settings) -> dict[str, Persona]:
    """Return personas that hear speech, by id: those of ``names``, or all.

    Raises
    ------
    SettingsError
        If one of them is not known or hears no speech.
    """
    from ..personas import load_personas

    known = {name: each for name, each in load_personas(settings=settings).items() if each.hears("passage")}
    for name in names:
        if name not in known:
            raise SettingsError(
                f"{name!r} is no persona that hears speech",
                subject="personas",
                remedy=f"use {', '.join(known)}",
            )
    return {name: known[name] for name in dict.fromkeys(names)} or known


def keep(report: LabReport, settings: Settings, job: str | None = None) -> str:
    """Write a report into the data folder and return its name.

    Parameters
    ----------
    report : LabReport
        What is to be kept.
    settings : Settings
        Where the data folder is.
    job : str, optional
        Id of the job that made it; the report has the same name however often the job is done.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    folder = _folder(settings)
    judge = re.sub(r"[^a-z0-9]+", "-", report.judge.lower()).strip("-")
    with writing(folder):
        now = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}{time.time_ns() % 1_000_000:06d}"
        name = f"{_stamp(job or now)}-{judge}"
        write_atomic(made(folder) / f"{name}.json", report.to_json().encode())
    return name


def kept(settings: Settings) -> tuple[Kept, ...]:
    """Return the reports of the data folder, newest first; what cannot be read is left out and logged."""
    from ..personas.laboratory import LabReport

    found = []
    for path in sorted(_folder(settings).glob("*.json"), reverse=True)[:MOST_KEPT]:
        try:
            found.append(Kept(path.stem, LabReport.from_json(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, EdmError) as error:
            _log.warning("%s cannot be read and is left out: %s", path, error)
    return tuple(found)


def laboratory_payload(wanted: Examination) -> dict[str, Any]:
    """Return what a worker needs to know."""
    return {"examination": encode(wanted)}


@of_job
def run(payload: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do the job ``laboratory`` and tell the report's name; see :mod:`edm_core.jobs`."""
    from ..experiments import record
    from ..experiments.laboratory import run_of

    library = Library(Settings.from_environment())
    id, attempt = job_of(payload) or (None, 0)
    if id is not None and (known := list(_folder(library.settings).glob(f"{_stamp(id)}-*.json"))):
        return {"report": known[0].stem}  # an earlier start kept it and then could not say so
    wanted = decode(Examination, payload["examination"], "examination")
    began = time.monotonic()

    def told(share: float) -> None:
        spent = time.monotonic() - began
        progress(STAGE, share, spent / share - spent if share > 0 else None)

    report = examined(library, wanted, progress=told)
    if sum(report.missing.values()) == report.asked:
        raise ModelError(f"nothing was scored: {next(iter(report.missing))}", subject=report.judge)
    if id is not None and not Ledger(library.settings).holds(id, attempt):
        raise Cancelled("it is done by another worker")
    name = keep(report, library.settings, id)
    try:
        record(run_of(report), library.settings)
    except EdmError as error:  # the report is kept; only the experiments do not know of it
        _log.warning("the laboratory's run was not recorded: %s", error)
    return {"report": name}


# --- private ---------------------------------------------------------------------------------------


def _stamp(id: str) -> str:
    """Return the time at the head of a job's id, by which reports are in order, as a name begins with it."""
    return f"{id[:8]}-{id[8:14]}-{id[14:20]}" + (f"-{id[21:]}" if id[20:] else "")


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "laboratory"


def _entry(library: Library, recording: str) -> Entry:
    entry = library.find(recording)
    if entry is None:
        raise EdmError("it is not in the library", subject=recording, remedy="add it there")
    return entry
