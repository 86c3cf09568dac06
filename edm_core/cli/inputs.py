"""Which files a command line means, and whether what is found in them can be kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from .._files import made
from ..errors import EdmError
from ..settings import Settings
from .output import complain


def collect(paths: Iterable[str], *, recursive: bool) -> tuple[list[Path], list[EdmError]]:
    """Return the files that ``paths`` stand for, in order and once each, and what is wrong with the rest.

    A path that does not exist is kept: that it cannot be read is said when it is read, like any bad file.

    Examples
    --------
    >>> collect(["no-such-folder/track.mp3"], recursive=False)[0]
    [PosixPath('no-such-folder/track.mp3')]
    """
    from ..audio.files import sound_files

    files: dict[Path, None] = {}
    problems: list[EdmError] = []
    for text in paths:
        path = Path(text)
        if not text:  # as of a variable that is not set; Path takes it for the current folder
            problems.append(EdmError("an empty path", remedy="name a file, or . for this folder"))
            continue
        try:
            found = sound_files(path, recursive=recursive) if _is_folder(path) else [path]
        except EdmError as error:
            problems.append(error)
        else:
            files.update(dict.fromkeys(found))
    return list(files), problems


def say_if_nothing_is_kept(settings: Settings) -> None:
    """Say on standard error if the data folder cannot be written: then every run computes everything anew."""
    try:
        with tempfile.TemporaryFile(dir=made(settings.data_dir)):
            pass
    except (EdmError, OSError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "problem", "")
        complain(
            f"{settings.data_dir}: {reason}: nothing is kept for the next run; "
            "set EDM_DATA_DIR to a folder you may write"
        )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder above that may not be read
        return False
