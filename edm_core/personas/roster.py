"""The roster: the personas that ship with the workbench and the user's own, which may replace them.

One file that is wrong is told of and leaves the others standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError
from ..resources import PERSONAS
from ..settings import Settings
from .persona import Persona, read_persona


@dataclass(frozen=True, slots=True)
class Roster:
    """Personas by id in the order of the files' names, the packaged ones first, and what is wrong.

    ``places`` are their files. ``problems`` are of files that were left out.
    """

    personas: dict[str, Persona]
    places: dict[str, Path]
    problems: tuple[SettingsError, ...] = ()

    @property
    def active(self) -> dict[str, Persona]:
        """Those that are not retired."""
        return {name: persona for name, persona in self.personas.items() if not persona.retired}


def own_folder(settings: Settings) -> Path:
    """Return where the user's own personas lie: those of the same id replace packaged ones."""
    return settings.data_dir / "personas"


def read_roster(settings: Settings | None = None) -> Roster:
    """Read the packaged personas and the user's own.

    Parameters
    ----------
    settings : Settings, optional
        Where the user's data lie; from the environment by default.
    """
    settings = settings or Settings.from_environment()
    packaged, own = read_folder(PERSONAS), read_folder(own_folder(settings))
    return Roster(
        packaged.personas | own.personas, packaged.places | own.places, packaged.problems + own.problems
    )


def read_folder(folder: Path) -> Roster:
    """Read every ``*.yaml`` of a folder; one that is wrong, or takes another's id, is a problem."""
    personas: dict[str, Persona] = {}
    places: dict[str, Path] = {}
    problems = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            persona = read_persona(path)
            if persona.id in personas:
                raise SettingsError(
                    f"the id {persona.id!r} is taken by {places[persona.id].name}",
                    subject=str(path),
                    remedy="give it an id of its own",
                )
        except SettingsError as error:
            problems.append(error)
        else:
            personas[persona.id], places[persona.id] = persona, path
    return Roster(personas, places, tuple(problems))


def load_personas(folder: Path | None = None, *, settings: Settings | None = None) -> dict[str, Persona]:
    """Return the personas that are not retired.

    Parameters
    ----------
    folder : Path, optional
        Where their ``*.yaml`` files lie, all of which must be right; by default the packaged ones and those
        of the user that are.
    settings : Settings, optional
        Where the user's data lie; from the environment by default.

    Returns
    -------
    dict of str to Persona
        By id, in the order of the files' names.

    Raises
    ------
    SettingsError
        If the folder has no persona, a file breaks the schema, or two have the same id.

    Examples
    --------
    >>> load_personas()["genz"].name
    'Gen Z'
    """
    if folder is None:
        return read_roster(settings).active
    found = read_folder(folder)
    if found.problems:
        raise found.problems[0]
    if not found.personas:
        raise SettingsError(
            "holds no persona", subject=str(folder), remedy="put a persona's .yaml file there"
        )
    return found.active
