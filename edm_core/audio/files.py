"""Which files of a folder are taken for sound, by their names; whether they are is found out by decoding."""

from __future__ import annotations

from pathlib import Path

from ..errors import AudioError

EXTENSIONS = frozenset(
    (".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".aifc")
    + (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".mka")
)
"""How the names of sound files end, in lower case; ``mp4`` to ``mka`` stand for the sound in them."""


def sound_files(folder: Path, *, recursive: bool) -> list[Path]:
    """Return the files of a folder that are named like sound, sorted; hidden ones are left out.

    Parameters
    ----------
    folder : Path
        Where to look.
    recursive : bool
        Whether to look below it too.

    Raises
    ------
    AudioError
        If it is no folder, or none of its files is named like sound.
    """
    if not folder.is_dir():
        raise AudioError("it is not a folder", subject=str(folder), remedy="give the path of a folder here")
    try:
        found = sorted(
            path
            for path in (folder.rglob("*") if recursive else folder.iterdir())
            if path.suffix.lower() in EXTENSIONS and not path.name.startswith(".") and path.is_file()
        )
    except OSError as error:
        raise AudioError(
            f"it cannot be looked into ({error.strerror})",
            subject=str(folder),
            remedy="give yourself permission to read it",
        ) from None
    if not found:
        remedy = (
            "give the folder that holds them"
            if recursive
            else "look below it with --recursive, or give another"
        )
        raise AudioError("no sound files in this folder", subject=str(folder), remedy=remedy)
    return found
