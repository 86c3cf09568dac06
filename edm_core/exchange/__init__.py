"""Files of annotations: read whatever wrote them, and written so that other programs understand them.

Every format is a module with the same names. What is read becomes :class:`~edm_core.annotation.Annotation`,
one for each author of each recording; what had to be derived or does not agree is told as findings. What a
format cannot hold is told when it is written, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..annotation import Annotation
from ..errors import EdmError
from ..findings import Finding
from . import json_documents
from .errors import ExchangeError
from .formats import FORMATS, module_of, sniffed
from .loss import lost
from .reading import Notes, Reading, Written
from .text import text_of
from .timelines import timelines_of
from .values import LONGEST_S, SHORTEST_S

__all__ = [
    "FORMATS",
    "LARGEST",
    "ExchangeError",
    "Reading",
    "Written",
    "read",
    "read_file",
    "timelines_of",
    "write",
]

LARGEST = 256 * 2**20
"""Bytes of a file, at most."""


def read(data: bytes, name: str, format: str | None = None, *, duration: float | None = None) -> Reading:
    r"""Return what a file says.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Its name, for messages; its ending tells the format, together with the content.
    format : str, optional
        One of :data:`FORMATS`, if it is known.
    duration : float, optional
        Of the recording in seconds; the file's own counts less. Where it is known, sections tile it.

    Raises
    ------
    ExchangeError
        If it is none of the formats, or breaks off; the message names the place.

    Examples
    --------
    >>> reading = read(b"0\t15\tintro\n15\t30\tdrop\n", "song.txt")
    >>> reading.format, [(part.start, part.label) for part in reading.annotations[0].sections]
    ('audacity', [(0.0, 'intro'), (15.0, 'drop')])
    """
    if not data.strip():
        raise ExchangeError("it is empty", subject=name, remedy="give a file of annotations")
    if len(data) > LARGEST:
        raise ExchangeError(f"over {LARGEST >> 20} MiB", subject=name, remedy="split it")
    if duration is not None and not SHORTEST_S <= duration <= LONGEST_S:
        raise ExchangeError(
            f"a duration of {duration} s", subject=name, remedy=f"give {SHORTEST_S:g} to {LONGEST_S:g}"
        )
    notes = Notes()
    text = text_of(data, name, notes)
    module = module_of(format or sniffed(text, name))
    try:
        reading = module.read(text, name, duration, notes)
    except ExchangeError:
        raise
    except EdmError as error:  # an item that cannot be
        subject = f"{name}: {error.subject}" if error.subject else name
        raise ExchangeError(error.problem, subject=subject, remedy=error.remedy) from None
    _refuse_endless(reading, name)
    return reading


def read_file(path: str | Path, format: str | None = None, *, duration: float | None = None) -> Reading:
    """Return what a file says: :func:`read` of its bytes.

    Raises
    ------
    ExchangeError
        If it cannot be opened or read.
    """
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ExchangeError(
            f"it cannot be read ({reason})", subject=str(path), remedy="check the path"
        ) from None
    return read(data, Path(path).name, format, duration=duration)


def write(
    annotations: Annotation | Sequence[Annotation], format: str, *, findings: Sequence[Finding] = ()
) -> Written:
    """Return annotations as a file, and what did not fit into it.

    What was left out is found by reading the file again, so nothing is left out in silence.

    Parameters
    ----------
    annotations : Annotation or sequence of Annotation
        Several only where the format holds several.
    format : str
        One of :data:`FORMATS`.
    findings : sequence of Finding, optional
        Of an earlier reading; JSON carries them.

    Raises
    ------
    ExchangeError
        If there is no such format, or it holds one annotation a file and there are several.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> written = write(Annotation(sections=(Section(0.0, 15.0, "intro"),), author="ada"), "mirex")
    >>> written.data, written.left_out
    (b'0.000000\\t15.000000\\tintro\\n', ('author: MIREX holds sections only',))
    """
    several = (annotations,) if isinstance(annotations, Annotation) else tuple(annotations)
    module = module_of(format)
    if not several:
        raise ExchangeError(
            "no annotation to be written", subject=module.TITLE, remedy="give a file that says something"
        )
    if len(several) > 1 and not module.MANY:
        raise ExchangeError(
            f"{len(several)} annotations", subject=module.TITLE,
            remedy="it holds one a file: write each by itself",
        )  # fmt: skip
    text = json_documents.write(several, findings) if format == "json" else module.write(several)
    return Written(text.encode("utf-8", "replace"), lost(several, text, module))


def _refuse_endless(reading: Reading, name: str) -> None:
    """Refuse times that no recording has: grids would make beats without end."""
    for annotation in reading.annotations:
        spans = (
            annotation.sections,
            annotation.activity,
            annotation.words,
            annotation.passages,
            annotation.key,
        )
        ends = [item.end for items in spans for item in items or ()]
        ends += [event.time for event in annotation.events or ()]
        ends += [segment.time for segment in annotation.grid or ()] + [annotation.recording.duration or 0.0]
        if max(ends, default=0.0) > LONGEST_S:
            raise ExchangeError(
                f"a time of {max(ends):g} s", subject=name, remedy=f"times are seconds, up to {LONGEST_S:g}"
            )
