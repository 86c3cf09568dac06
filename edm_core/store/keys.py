"""API keys: who may ask over HTTP without being this machine. Only their digests are kept.

A key is ``edm_<id>_<secret>``: the id finds its row and may be written down; the secret has 256 bits and is
shown once, when the key is made. Kept is the SHA-256 of the whole. A random secret of that length cannot be
guessed from its digest, so no slow hash is needed, and a request costs one SHA-256.

What was found is remembered for :data:`LIFE_S` in each process: a revoked key dies within that time
everywhere, and the database is not asked at every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from ..errors import EdmError, StorageError
from . import audit
from .database import database_of, now_of, one_for

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from ..settings import Settings

Scope = Literal["read", "annotate", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a key allows, each all that those before it do."""

LIFE_S = 2.0
"""How long a process goes by what it knows of a key."""
_USED_EVERY_S = 60.0  # how often it is noted that a key was used
_REMEMBERED = 1024
_PATTERN = re.compile(r"edm_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it may be shown: without its secret and without its digest."""

    id: str
    name: str
    scope: Scope
    by: str
    created: str
    expires: str | None = None
    used: str | None = None
    revoked: str | None = None
    alive: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    key: Key
    digest: str


class Keys:
    """The keys of a database.

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
        self._remembered: OrderedDict[str, tuple[float, _Known | None]] = OrderedDict()
        self._noted: dict[str, float] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def create(self, name: str, scope: Scope, *, by: str, lasts: timedelta | None = None) -> tuple[Key, str]:
        """Make a key and return it together with its text, which nobody can show again.

        Parameters
        ----------
        name : str
            Who or what will use it.
        scope : {"read", "annotate", "admin"}
            What it allows.
        by : str
            Who makes it, for the audit log.
        lasts : datetime.timedelta, optional
            After that time it no longer works; by default it works until it is revoked.

        Raises
        ------
        EdmError
            If the name is none that can be shown.
        """
        import sqlalchemy as sa

        from .tables import api_keys

        name = _checked(name)
        id = secrets.token_hex(6)
        text = f"edm_{id}_{secrets.token_urlsafe(32)}"
        with database_of(self._settings).writing() as connection:
            now = now_of(connection)
            row = {
                "id": id, "name": name, "digest": _digest(text), "scope": scope, "by": by, "created": now,
                "expires": _later(now, lasts) if lasts is not None else None,
            }  # fmt: skip
            connection.execute(sa.insert(api_keys).values(row))
            until = f" until {row['expires']}" if row["expires"] else ""
            audit.note(connection, now, by, "create key", None, f"{id} {name}: {scope}{until}")
            (known,) = _found(connection, id)
        return known.key, text

    def revoke(self, id: str, *, by: str) -> Key:
        """Let a key work no longer; the row stays, and says when.

        Parameters
        ----------
        id : str
            Of the key, or as much of its beginning as no other key has.
        by : str
            Who revokes it, for the audit log.

        Raises
        ------
        StorageError
            If there is no such key, or several.
        """
        import sqlalchemy as sa

        from .tables import api_keys

        with database_of(self._settings).writing() as connection:
            meant = [known.key for known in _found(connection, None) if id and known.key.id.startswith(id)]
            if len(meant) != 1:
                raise StorageError(
                    f"{len(meant)} keys begin like that" if meant else "there is no such key",
                    subject=id[:40], remedy="edm keys list shows them",
                )  # fmt: skip
            (key,) = meant
            if key.revoked is None:
                now = now_of(connection)
                connection.execute(sa.update(api_keys).where(api_keys.c.id == key.id).values(revoked=now))
                audit.note(connection, now, by, "revoke key", None, f"{key.id} {key.name}")
            (known,) = _found(connection, key.id)
        with self._lock:
            self._remembered.pop(key.id, None)
        return known.key

    def list(self) -> tuple[Key, ...]:
        """Return all keys, newest first, revoked and expired ones too."""
        with database_of(self._settings).reading() as connection:
            return tuple(known.key for known in _found(connection, None))

    def any_alive(self) -> bool:
        """Whether there is a key that works."""
        return any(key.alive for key in self.list())

    def recalled(self, text: str) -> tuple[bool, Key | None]:
        """Return whether the answer is known without asking the database, and the answer.

        It is for the event loop: it never waits.
        """
        if (match := _PATTERN.fullmatch(text)) is None:
            return True, None
        is_known, known = self._recalled(match[1])
        return is_known, _judged(known, text) if is_known else None

    def find(self, text: str) -> Key | None:
        """Return the key whose text this is, if it works.

        Raises
        ------
        StorageError
            If the database does not answer.
        """
        match = _PATTERN.fullmatch(text)
        return None if match is None else _judged(self._looked_up(match[1]), text)

    def recalled_id(self, id: str) -> tuple[bool, Key | None]:
        """Do what :meth:`recalled` does for somebody who has shown the key before."""
        is_known, known = self._recalled(id)
        return is_known, _judged(known) if is_known else None

    def get(self, id: str) -> Key | None:
        """Return the key of an id, if it works: for somebody who has shown it before.

        Raises
        ------
        StorageError
            If the database does not answer.
        """
        return _judged(self._looked_up(id))

    # --- private -----------------------------------------------------------------------------------

    def _recalled(self, id: str) -> tuple[bool, _Known | None]:
        with self._lock:
            found = self._remembered.get(id)
        if found is None or time.monotonic() - found[0] > self._life_s:
            return False, None
        return True, found[1]

    def _looked_up(self, id: str) -> _Known | None:
        """Ask the database, one thread at a time: the others find what the first one found."""
        with self._asking:
            is_known, known = self._recalled(id)
            if is_known:
                return known
            asked = time.monotonic()  # what is revoked while it is asked is not remembered for longer
            with database_of(self._settings).reading() as connection:
                known = next(iter(_found(connection, id)), None)
            with self._lock:
                self._remembered[id] = (asked, known)
                self._remembered.move_to_end(id)
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        if known is not None and known.key.alive:
            self._note_use(id, asked)
        return known

    def _note_use(self, id: str, now: float) -> None:
        """Note that a key is used, about once a minute, while the request goes on."""
        if now - self._noted.get(id, -_USED_EVERY_S) < _USED_EVERY_S:
            return
        self._noted[id] = now
        threading.Thread(target=self._write_use, args=(id,), name="edm-key-used", daemon=True).start()

    def _write_use(self, id: str) -> None:
        import sqlalchemy as sa

        from .tables import api_keys

        try:
            with database_of(self._settings).writing() as connection:
                now = now_of(connection)
                stale = _later(now, timedelta(seconds=-_USED_EVERY_S / 2))
                old = sa.or_(api_keys.c.used.is_(None), api_keys.c.used < stale)
                connection.execute(sa.update(api_keys).where(api_keys.c.id == id, old).values(used=now))
        except EdmError:  # it is only shown; whoever waits for an answer must not fail for it
            self._noted.pop(id, None)


_opened: dict[str, Keys] = {}


def keys_of(settings: Settings) -> Keys:
    """Return the keys of a process for these settings, with what it remembers of them."""
    return one_for(settings, _opened, Keys)


def lasting(text: str) -> timedelta:
    """Return a time such as ``90d``, ``12h``, ``30m`` or ``2w``.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> lasting("90d")
    datetime.timedelta(days=90)
    """
    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    match = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time: give 90d, 12h, 30m or 2w")
    return timedelta(**{units[match[2]]: int(match[1])})


def _found(connection: Connection, id: str | None) -> list[_Known]:
    import sqlalchemy as sa

    from .tables import api_keys

    query = sa.select(api_keys).order_by(api_keys.c.created.desc(), api_keys.c.id)
    if id is not None:
        query = query.where(api_keys.c.id == id)
    now = now_of(connection)
    return [_known(row, now) for row in connection.execute(query)]


def _known(row: Row[tuple[object, ...]], now: str) -> _Known:
    alive = row.revoked is None and (row.expires is None or row.expires > now)
    key = Key(row.id, row.name, row.scope, row.by, row.created, row.expires, row.used, row.revoked, alive)
    return _Known(key, row.digest)


def _judged(known: _Known | None, text: str | None = None) -> Key | None:
    """Return the key, if it works and the text is its; nothing tells an unknown id from a wrong secret."""
    if text is not None:
        digest = known.digest if known is not None else "0" * 64
        if not hmac.compare_digest(_digest(text), digest):
            return None
    return known.key if known is not None and known.key.alive and known.key.scope in SCOPES else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _later(time: str, much: timedelta) -> str:
    try:
        later = datetime.fromisoformat(time) + much
    except OverflowError:
        raise EdmError("it lasts longer than a calendar", remedy="leave the time out: it lasts") from None
    return later.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _checked(name: str) -> str:
    plain = " ".join(name.split())
    if not 0 < len(plain) <= _NAME_LENGTH or not plain.isprintable():
        raise EdmError(
            "it is no name of a key", subject=repr(name[:80]),
            remedy=f"give 1 to {_NAME_LENGTH} printable characters",
        )  # fmt: skip
    return plain
