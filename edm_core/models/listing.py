"""What models are here and whether they can be trusted: for ``edm doctor`` and the System page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ModelError
from ..settings import Settings
from .catalogue import WEIGHTS, Weights, locate
from .recogniser import PREFIX, whisper, whisper_names
from .verify import digest, models_dir, verified


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model: where it lies and how it stands.

    ``status`` is ``ok`` (checksums verified), ``unchecked`` (a folder of the user's, no checksum is known),
    ``missing`` or ``damaged``; the last two carry the ``problem`` with its remedy.
    """

    name: str
    purpose: str
    status: Literal["ok", "unchecked", "missing", "damaged"]
    path: Path | None
    size: int
    licence: str
    source: str
    problem: str | None = None


def info(settings: Settings | None = None, *, thorough: bool = False) -> tuple[ModelInfo, ...]:
    """Return how every model stands, those of the base install first.

    Parameters
    ----------
    settings : Settings, optional
        The process's own by default.
    thorough : bool, optional
        Hash every file again instead of trusting the stamps of an earlier check.
    """
    settings = settings or Settings.from_environment()
    packaged = [_packaged(weights, settings, thorough) for weights in WEIGHTS]
    known = {weights.name for weights in WEIGHTS}
    names = (name for name in whisper_names(settings) if f"{PREFIX}{name}" not in known)
    return (*packaged, *(_local(name, settings) for name in names))


def _packaged(weights: Weights, settings: Settings, thorough: bool) -> ModelInfo:
    try:
        paths = [locate(file) for file in weights.files]
    except ModelError as error:
        return ModelInfo(
            weights.name, weights.purpose, "missing", None, 0, weights.licence, weights.source, str(error)
        )
    size, problem = sum(path.stat().st_size for path in paths), None
    try:
        for file, path in zip(weights.files, paths, strict=True):
            if thorough and (found := digest(path)) != file.sha256:
                raise ModelError(
                    f"its checksum is {found[:12]}…",
                    subject=str(path),
                    remedy=f"install {file.distribution} again",
                )
            verified(path, file.sha256, settings)
    except ModelError as error:
        problem = str(error)
    status: Literal["ok", "damaged"] = "damaged" if problem else "ok"
    return ModelInfo(
        weights.name, weights.purpose, status, paths[0].parent, size, weights.licence, weights.source, problem
    )


def _local(name: str, settings: Settings) -> ModelInfo:
    folder = models_dir(settings) / f"{PREFIX}{name}"
    size = sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
    try:
        whisper(name, settings=settings)
    except ModelError as error:
        return ModelInfo(folder.name, "words from speech", "damaged", folder, size, "", "yours", str(error))
    return ModelInfo(folder.name, "words from speech", "unchecked", folder, size, "", "yours")
