"""Jobs that an earlier version left in files below ``<data_dir>/jobs``: they are taken over once."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from .ledger import Ledger

_log = logging.getLogger(__name__)


def take_over(ledger: Ledger, folder: Path) -> int:
    """Queue what unfinished jobs in files ask for, remove the files, and return how many there were.

    Settings that stood in them are left out. A file that cannot be read, or asks for what nothing does, is
    put aside as ``*.unread``.

    Raises
    ------
    StorageError
        If they cannot be queued; the files stay.
    """
    taken = 0
    for path in sorted(folder.glob("[!.]*.json")):
        try:
            old = json.loads(path.read_bytes())
            payload = {name: value for name, value in old["payload"].items() if name != "settings"}
            kind, key = str(old["kind"]), str(old["key"])
            if kind not in ledger.kinds:
                raise ValueError(f"nothing does jobs of kind {kind!r}")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            _log.warning("%s is put aside: %s", path, error)
            _away(path, aside=True)
            continue
        ledger.submit(kind, key, payload)
        _away(path)
        taken += 1
    return taken


def _away(path: Path, *, aside: bool = False) -> None:
    try:
        path.replace(path.with_suffix(".unread")) if aside else path.unlink()
    except OSError as error:  # it will be asked for again at the next start, and done once all the same
        _log.warning("%s stays: %s", path, error)
