"""Every version of every persona that was ever saved or seen, so that old scores can be explained."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .._files import made, write_atomic
from ..errors import SettingsError
from .persona import Persona, read_persona

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VERSION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a persona; ``time`` is when its file was last saved, ISO 8601 in UTC."""

    version: str
    time: str
    path: Path


@dataclass(frozen=True, slots=True)
class Versions:
    """The files ``<id>/<version>.yaml`` of a folder."""

    folder: Path

    def keep(self, persona: Persona, text: str, *, since: Path | None = None) -> None:
        """Keep what a file said.

        Parameters
        ----------
        persona : Persona
            What the text means.
        text : str
            As it stood in the file.
        since : Path, optional
            The file it was seen in, whose time it takes; then nothing happens if the version is there.
        """
        path = self.folder / persona.id / f"{persona.version}.yaml"
        if since is not None and path.exists():
            return
        write_atomic(made(path.parent) / path.name, text.encode())
        if since is not None:
            os.utime(path, ns=(since.stat().st_mtime_ns,) * 2)

    def set_aside(self, path: Path) -> None:
        """Keep a file that is no persona, before something better is written in its place."""
        self._aside(path.stem, path.read_bytes())

    def keep_draft(self, text: str) -> Path:
        """Keep a text that is no persona; return its file."""
        return self._aside("draft", text.encode(errors="replace"))

    def _aside(self, name: str, data: bytes) -> Path:
        path = made(self.folder) / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.broken"
        write_atomic(path, data)
        return path

    def of(self, id: str) -> tuple[Kept, ...]:
        """Return the versions of a persona, the newest first.

        Raises
        ------
        SettingsError
            If it is no id.
        """
        checked(id)
        found = [
            (path.stat().st_mtime_ns, path)
            for path in (self.folder / id).glob("*.yaml")
            if _VERSION.fullmatch(path.stem)
        ]
        return tuple(
            Kept(path.stem, datetime.fromtimestamp(when // 1_000_000_000, UTC).isoformat(), path)
            for when, path in sorted(found, reverse=True)
        )

    def read(self, id: str, version: str) -> Persona:
        """Return a persona as it was in a version, named by its hash or the beginning of it.

        Raises
        ------
        SettingsError
            If it was never saved nor seen here, or the beginning fits several.
        """
        known = self.of(id)
        found = [kept for kept in known if version and kept.version.startswith(version)]
        if len(found) != 1:
            raise SettingsError(
                f"{'several versions begin' if found else 'no version is called'} so",
                subject=f"{id} {version}",
                remedy=f"known are {', '.join(kept.version for kept in known[:9]) or 'none'}",
            )
        return read_persona(found[0].path)


def checked(id: str) -> str:
    """Return an id of a persona, which is safe as the name of a file.

    Raises
    ------
    SettingsError
        If it is none.
    """
    if not _ID.fullmatch(id):
        raise SettingsError(
            "it is no id of a persona", subject=id, remedy="use small letters, digits and underscores"
        )
    return id
