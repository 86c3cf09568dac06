"""The folder of the user's own personas: written, retired, brought back, and every version of them kept.

A file there replaces the packaged persona of the same id. What a file said when it was saved, or seen, stays
below ``.versions``, so that a score can be explained long after the persona has changed. Two who save at the
same time do not overwrite one another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .._files import locked, made, write_atomic, writing
from ..errors import SettingsError
from ..resources import PERSONAS
from ..settings import Settings
from .persona import MOST_BYTES, Persona, parse_persona
from .roster import own_folder, read_folder
from .versions import Kept, Versions, checked
from .writing import blank, to_yaml, with_values

KEPT = ".versions"
"""Where earlier versions lie, below the user's folder."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Edition:
    """A persona as it stands: its file, the file's text, and whether it is the user's.

    ``origin`` is ``packaged``, ``edited`` (the user's, in the place of a packaged one) or ``own``. ``mark``
    tells this text from any other; who saves says which one they began with.
    """

    persona: Persona
    origin: Literal["packaged", "edited", "own"]
    path: Path
    text: str

    @property
    def mark(self) -> str:
        """Hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Broken:
    """A file of the user's that is no persona; ``text`` is None if it cannot be shown."""

    path: Path
    error: SettingsError
    text: str | None


class Overtaken(SettingsError):
    """A save that began with a text which is not the present one.

    ``theirs`` is the present version, empty if there is none any more; ``yours`` the one that was refused.
    """

    theirs: str = ""
    yours: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """The user's personas, and the packaged ones that they stand beside."""

    own: Path
    packaged: Path = PERSONAS

    @classmethod
    def of(cls, settings: Settings | None = None) -> Folder:
        """Return the folder of these settings, by default the environment's."""
        return cls(own_folder(settings or Settings.from_environment()))

    # --- what is there -----------------------------------------------------------------------------

    def editions(self) -> dict[str, Edition]:
        """Return every persona that can be read, by id, retired ones too: the packaged first."""
        packaged, own = read_folder(self.packaged), read_folder(self.own)
        found = {}
        for id, path in (packaged.places | own.places).items():
            origin: Literal["packaged", "edited", "own"]
            origin = "packaged" if id not in own.places else "edited" if id in packaged.places else "own"
            try:
                text = _text(path.read_bytes())
                found[id] = Edition(parse_persona(text.encode(), path), origin, path, text)
            except (OSError, UnicodeDecodeError, SettingsError):
                continue  # it was changed just now, and is told of as broken
        return found

    def edition(self, id: str) -> Edition:
        """Return a persona as it stands.

        Raises
        ------
        SettingsError
            If there is none of this id.
        """
        known = self.editions()
        if id not in known:
            raise SettingsError("no such persona", subject=id, remedy=f"use {', '.join(known)}")
        return known[id]

    def broken(self) -> tuple[Broken, ...]:
        """Return the user's files that are no persona, with what is wrong."""
        found = []
        for error in read_folder(self.own).problems:
            path, text = Path(error.subject or ""), None
            if path.is_file() and path.stat().st_size <= MOST_BYTES:
                text = path.read_bytes().decode("utf-8", errors="replace")
            found.append(Broken(path, error, text))
        return tuple(found)

    # --- writing -----------------------------------------------------------------------------------

    def save(self, said: str | Persona, *, base: str | None = None, file: str | None = None) -> Persona:
        """Save a persona, new or in the place of the present one, and keep both versions.

        Parameters
        ----------
        said : str or Persona
            A file's text, which is written as it is, or a persona.
        base : str, optional
            The mark of the edition that this began with; empty for a new persona. None saves in any case.
        file : str, optional
            Name of a broken file that this repairs; its former content is kept.

        Raises
        ------
        SettingsError
            If the text breaks the schema; the message names line and field.
        Overtaken
            If somebody else has saved since; both versions are kept.
        StorageError
            If the folder cannot be written.
        """
        text = said if isinstance(said, str) else to_yaml(said)
        persona = parse_persona(_bytes(text), Path(file or "the text"))
        made(self.own)
        with locked(self.own / ".lock"), writing(self.own):
            present = self.editions().get(persona.id)
            if present is not None:
                self._kept.keep(present.persona, present.text, since=present.path)
            self._kept.keep(persona, text)
            if base is not None and base != (present.mark if present else ""):
                raise _overtaken(persona, present)
            path = self._place(persona.id, present, file)
            if file is not None and path.is_file():
                self._kept.set_aside(path)
            write_atomic(path, text.encode())
        return persona

    def create(self, id: str, name: str) -> Persona:
        """Save a new persona with placeholders for all that has to be said of them."""
        return self.save(blank(checked(id), name), base="")

    def clone(self, id: str, new_id: str, name: str | None = None) -> Persona:
        """Save a copy of a persona under another id; comments come along."""
        edition = self.edition(id)
        values: dict[str, str | bool] = {
            "id": checked(new_id),
            "name": (name or "").strip() or f"{edition.persona.name} (copy)",
        }
        if edition.persona.retired:
            values["retired"] = False
        return self.save(with_values(edition.text, values, edition.path), base="")

    def retire(self, id: str) -> Persona:
        """Let a persona give no new scores; what they scored stays."""
        return self._retired(id, True)

    def restore(self, id: str) -> Persona:
        """Let a retired persona score again."""
        return self._retired(id, False)

    def reset(self, id: str) -> Persona:
        """Go back to the packaged edition; the user's stays among the versions.

        Raises
        ------
        SettingsError
            If no packaged persona has this id.
        """
        if self.edition(id).origin == "own":
            raise SettingsError(
                "it has no packaged edition", subject=id, remedy="choose an earlier version of it instead"
            )
        self._remove(id)
        return self.edition(id).persona

    def delete(self, id: str) -> None:
        """Remove a persona of the user's; the versions stay.

        Raises
        ------
        SettingsError
            If it is a packaged one.
        """
        if self.edition(id).origin != "own":
            raise SettingsError("it comes with the workbench", subject=id, remedy="retire it instead")
        self._remove(id)

    def keep_draft(self, text: str) -> Path:
        """Keep a text that is no persona yet, so that nobody has to write it again; return its file."""
        with writing(self.own):
            return self._kept.keep_draft(text)

    # --- versions ----------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep the present versions of all personas, as files are also written by editors and updates."""
        with writing(self.own):
            for edition in self.editions().values():
                self._kept.keep(edition.persona, edition.text, since=edition.path)

    def versions(self, id: str) -> tuple[Kept, ...]:
        """Return the versions of a persona that were ever saved or seen, the newest first."""
        return self._kept.of(id)

    def version(self, id: str, version: str) -> Persona:
        """Return a persona as it was in a version, named by its hash or the beginning of it.

        ``current`` is the edition that scores now, ``packaged`` the one that came with the workbench.

        Raises
        ------
        SettingsError
            If it was never saved nor seen here, or the beginning fits several.
        """
        if version == "current":
            return self.edition(id).persona
        if version == "packaged" and (shipped := read_folder(self.packaged).personas.get(id)) is not None:
            return shipped
        present = self.editions().get(id)
        if present is not None and version and present.persona.version.startswith(version):
            return present.persona
        return self._kept.read(id, version)

    # --- private -----------------------------------------------------------------------------------

    @property
    def _kept(self) -> Versions:
        return Versions(self.own / KEPT)

    def _retired(self, id: str, retired: bool) -> Persona:
        edition = self.edition(id)
        if edition.persona.retired == retired:
            return edition.persona
        text = with_values(edition.text, {"retired": retired}, edition.path)
        saved = self.save(text, base=edition.mark)
        shipped = read_folder(self.packaged).personas.get(id)
        if shipped == saved:  # nothing of the user's own is left in it
            return self.reset(id)
        return saved

    def _remove(self, id: str) -> None:
        with locked(self.own / ".lock"), writing(self.own):
            edition = self.edition(id)
            if edition.origin != "packaged":
                self._kept.keep(edition.persona, edition.text, since=edition.path)
                edition.path.unlink(missing_ok=True)

    def _place(self, id: str, present: Edition | None, file: str | None) -> Path:
        """Return the file that a persona is to be written to; it is never another's."""
        if file is not None:
            path = next((each.path for each in self.broken() if each.path.name == file), None)
            if path is None:
                raise SettingsError("it is not broken any more", subject=file, remedy="open it anew")
            if present is not None and present.origin != "packaged":
                raise SettingsError(
                    f"the id {id!r} is taken by {present.path.name}", subject=file,
                    remedy="give it an id of its own",
                )  # fmt: skip
            return path
        if present is not None and present.origin != "packaged":
            return present.path
        path = self.own / f"{id}.yaml"
        if path.exists():
            raise SettingsError(
                "another file is in the way", subject=str(path), remedy="repair or rename that file first"
            )
        return path


def _text(raw: bytes) -> str:
    """Return a file's text as YAML reads it: UTF-8, or UTF-16 with its mark."""
    text = raw.decode("utf-16" if raw.startswith(_WIDE) else "utf-8-sig")
    return text.replace("\r\n", "\n")


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # halves of signs, as of a command line that is no UTF-8
        raise SettingsError("it is not UTF-8", remedy="type it again") from None


def _overtaken(yours: Persona, theirs: Edition | None) -> Overtaken:
    if theirs is None:
        error = Overtaken(
            f"somebody removed it meanwhile; yours is version {yours.version}",
            subject=yours.id, remedy="save it as new",
        )  # fmt: skip
    else:
        error = Overtaken(
            f"it is there already, as version {theirs.persona.version}; yours is version {yours.version}",
            subject=yours.id, remedy="compare the two, then save again; both are kept among its versions",
        )  # fmt: skip
        error.theirs = theirs.persona.version
    error.yours = yours.version
    return error
