"""Which files a command line means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import EdmError


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
        try:
            found = sound_files(path, recursive=recursive) if path.is_dir() else [path]
        except EdmError as error:
            problems.append(error)
        else:
            files.update(dict.fromkeys(found))
    return list(files), problems
