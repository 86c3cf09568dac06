"""Who signs in on the pages may what: roles of people, by the name that their sign-in proves."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from ..errors import StorageError
from . import audit
from .database import database_of, now_of, one_for, put

if TYPE_CHECKING:
    from ..settings import Settings

Role = Literal["none", "read", "annotate", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What a person may, each all that those before it do; ``none`` keeps somebody out."""

LIFE_S = 2.0
"""How long a process goes by what it knows of people."""
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was given a role."""

    name: str
    role: Role
    by: str
    time: str


class People:
    """The people of a database.

    Parameters
    ----------
    settings : Settings
        Which database.
    life_s : float
        How long what was found is remembered, in seconds.
    """

    def __init__(self, settings: Settings, *, life_s: float = LIFE_S) -> None:
        self._settings = settings
        self._life_s = life_s
        self._known: tuple[float, dict[str, Role]] | None = None
        self._asking = threading.Lock()

    def set(self, name: str, role: Role, *, by: str) -> Person:
        """Give somebody a role, in the place of an earlier one.

        Parameters
        ----------
        name : str
            As the sign-in proves it: an address whose provider verified it, or the subject it names.
        role : {"none", "read", "annotate", "admin"}
            What they may.
        by : str
            Who says so, for the audit log.

        Raises
        ------
        StorageError
            If it is no name.
        """
        from .tables import people

        name = known_as(name)
        with database_of(self._settings).writing() as connection:
            now = now_of(connection)
            put(connection, people, {"name": name, "role": role, "by": by, "time": now})
            audit.note(connection, now, by, "set person", None, f"{name}: {role}")
        self._known = None
        return Person(name, role, by, now)

    def remove(self, name: str, *, by: str) -> None:
        """Take a role back: whoever signs in under that name is again what everybody is.

        Raises
        ------
        StorageError
            If nobody of that name has a role.
        """
        import sqlalchemy as sa

        from .tables import people

        name = known_as(name)
        with database_of(self._settings).writing() as connection:
            if not connection.execute(sa.delete(people).where(people.c.name == name)).rowcount:
                raise StorageError(
                    "nobody of that name has a role", subject=name, remedy="edm people list shows them"
                )
            audit.note(connection, now_of(connection), by, "remove person", None, name)
        self._known = None

    def list(self) -> tuple[Person, ...]:
        """Return everybody who was given a role, by name."""
        import sqlalchemy as sa

        from .tables import people

        with database_of(self._settings).reading() as connection:
            rows = connection.execute(sa.select(people).order_by(people.c.name)).all()
        return tuple(Person(row.name, row.role, row.by, row.time) for row in rows)

    def recalled(self, name: str) -> tuple[bool, Role | None]:
        """Return whether the answer is known without asking the database, and the answer."""
        known = self._known
        if known is None or time.monotonic() - known[0] > self._life_s:
            return False, None
        return True, known[1].get(_plain(name))

    def role(self, name: str) -> Role | None:
        """Return the role of somebody, or nothing if none was given.

        Raises
        ------
        StorageError
            If the database does not answer.
        """
        with self._asking:
            is_known, role = self.recalled(name)
            if is_known:
                return role
            asked = time.monotonic()
            roles = {person.name: person.role for person in self.list()}
            self._known = (asked, roles)
        return roles.get(_plain(name))


_opened: dict[str, People] = {}


def people_of(settings: Settings) -> People:
    """Return the people of a process for these settings, with what it remembers of them."""
    return one_for(settings, _opened, People)


def known_as(name: str) -> str:
    """Return the name that somebody is known by: without case.

    Raises
    ------
    StorageError
        If it is no name.

    Examples
    --------
    >>> known_as(" Ada@Example.org ")
    'ada@example.org'
    """
    plain = _plain(name)
    if not 0 < len(plain) <= _NAME_LENGTH or not plain.isprintable():
        raise StorageError(
            "it is no name that somebody signs in as", subject=repr(name[:80]),
            remedy=f"give 1 to {_NAME_LENGTH} printable characters",
        )  # fmt: skip
    return plain


def _plain(name: str) -> str:
    return name.strip().casefold()
