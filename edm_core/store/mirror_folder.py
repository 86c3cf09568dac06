"""The folder of the mirror: which file is whose, what each held when it was last looked at, and a lock.

A file is known by the end of its name, ``.<12 digits of the recording>.<author>.yaml``; what stands before is
for people, and where in the folder it lies too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._files import locked, made, write_atomic
from ..annotation import Subject
from .revisions import Revision

_SEEN = ".edm-seen.json"
_ASIDE = re.compile(r"\.conflict(-\d+)?\.ya?ml$")
_NAMED = re.compile(r"[^.]*\.([0-9a-f]{12}\.[^.]+\.yaml)$")
_DRAFT = re.compile(r"\.draft-[a-z0-9_]{8}")  # as write_atomic names them
_MOST_BYTES = 80  # of a part of a name; file systems take 255 in all


class Folder:
    """A folder of YAML files.

    Parameters
    ----------
    path : Path
        Made when it is first held.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, Any] = {}
        self._there: dict[str, Path] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other threads and processes out; what was seen is remembered at the end."""
        made(self.path)
        with locked(self.path / ".edm.lock"):
            try:
                seen = json.loads((self.path / _SEEN).read_text(encoding="utf-8"))
                self.seen = {name: each for name, each in dict(seen).items() if isinstance(each, dict)}
            except (OSError, ValueError, TypeError):
                self.seen = {}  # not there yet, or what a merge left of it: it can be done without
            before = json.dumps(self.seen)
            for left in [path for path in self.path.rglob(".draft-*") if _DRAFT.fullmatch(path.name)]:
                left.unlink(missing_ok=True)  # whoever wrote it held the lock, and has died
            named = [(path, match) for path in self.files() if (match := _NAMED.match(path.name))]
            self._there = {match[1]: path for path, match in reversed(named)}
            try:
                yield
            finally:
                if json.dumps(self.seen) != before:
                    text = json.dumps(self.seen, indent=1, sort_keys=True)
                    write_atomic(self.path / _SEEN, text.encode("ascii"), mode=0o644)

    def files(self) -> list[Path]:
        """Return the files that are somebody's annotations; links to elsewhere are not followed."""
        return [
            path
            for path in sorted(self.path.rglob("*"))
            if path.suffix.lower() in (".yaml", ".yml")
            and not _ASIDE.search(path.name)
            and not any(part.startswith(".") for part in path.relative_to(self.path).parts)
            and path.is_file() and not path.is_symlink()
        ]  # fmt: skip

    def aside(self) -> tuple[str, ...]:
        """Return the files that were kept aside."""
        found = sorted(self.path.rglob("*.conflict*"))
        return tuple(self.name(path) for path in found if _ASIDE.search(path.name))

    def name(self, path: Path) -> str:
        """Return a file's path within the folder."""
        return path.relative_to(self.path).as_posix()

    def see(self, name: str, data: bytes, revision: Revision, *, ours: bool) -> None:
        """Remember what a file holds, and which revision that is."""
        line = {"recording": revision.recording, "author": revision.author, "revision": revision.number}
        self.seen[name] = line | {"sha256": sha256(data), "ours": ours}

    def place(self, subject: Subject, author: str) -> Path:
        """Return where the file of a line lies, or is to lie."""
        end = end_of(str(subject.id), author)
        if end in self._there and self._there[end].exists():
            return self._there[end]
        called = subject.title or Path((subject.path or "").replace("\\", "/")).stem
        plain = _bounded(re.sub(r"[^\w\- ]+", "_", called)).strip("_ ") or "recording"
        return self.path / f"{plain}.{end}"


def end_of(recording: str, author: str) -> str:
    """Return how the name of a line's file ends, whatever stands before it.

    Examples
    --------
    >>> end_of("sha256:" + "0a" * 32, "ada.b")
    '0a0a0a0a0a0a.ada%2Eb.yaml'
    """
    digest = recording.removeprefix("sha256:")
    short = digest if re.fullmatch("[0-9a-f]{64}", digest) else sha256(recording.encode())
    name = re.sub(r"[^\w\-@+ ]", lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), author)
    if _bounded(name) != name:
        name = sha256(author.encode())[:16]
    return f"{short[:12]}.{name}.yaml"


def named_end(path: Path) -> str | None:
    """Return the end of a file's name, if it is that of a line."""
    match = _NAMED.match(path.name)
    return match[1] if match else None


def free_beside(path: Path) -> Path:
    """Return a name beside a file under which nothing has been kept yet."""
    names = [
        f"{path.stem}.conflict.yaml",
        *(f"{path.stem}.conflict-{number}.yaml" for number in range(2, 10_000)),
    ]
    return next(place for name in names if not (place := path.with_name(name)).exists())


def sha256(data: bytes) -> str:
    """Return the digest of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _bounded(name: str) -> str:
    return name.encode()[:_MOST_BYTES].decode(errors="ignore")
