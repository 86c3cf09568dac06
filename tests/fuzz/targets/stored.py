"""What lies in the store or comes back from servers: keys, jobs, earlier files, answers, events."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from edm_core.errors import EdmError, StorageError
from edm_core.settings import Settings

from ..running import Target
from . import samples


@cache
def _folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"edm-fuzz-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], None]:
    def parsed(data: bytes) -> None:
        parse(data.decode("utf-8", "surrogateescape"))

    return parsed


def _blob_key(text: str) -> None:
    from edm_core.store.blobs import FileBlobs

    root = _folder("blobs")
    place = FileBlobs(root).place(text)
    assert place.resolve().is_relative_to(root.resolve())
    assert len(place.relative_to(root).parts) == 3


@cache
def _library() -> Any:
    from edm_core.store import Library

    return Library(Settings(data_dir=_folder("library")))


def _recording_id(text: str) -> None:
    assert _library().get(text) is None
    assert _library().find(text) is None


@cache
def _ledger() -> Any:
    from edm_core.jobs import Kind
    from edm_core.jobs.ledger import Ledger

    return Ledger(Settings(data_dir=_folder("jobs")), {"analyze": Kind("json:loads")})


def _job_id(text: str) -> None:
    text = text.encode("utf-8", "replace").decode().replace("\0", "")  # no address holds either
    assert _ledger().get(text) is None
    _ledger().page(before=text, limit=1)


def _earlier_job(data: bytes) -> None:
    from edm_core.jobs.earlier import take_over

    class Taking:
        kinds = ("analyze",)

        def submit(self, kind: str, key: str, payload: dict[str, Any]) -> None:
            json.dumps([kind, key, payload])

    folder = _folder("earlier")
    (folder / "a.json").write_bytes(data)
    take_over(Taking(), folder)  # type: ignore[arg-type]
    assert not (folder / "a.json").exists()


def _entry(data: bytes) -> None:
    from edm_core._codec import decode
    from edm_core.store import Entry

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    decode(Entry, value, "entry.json")


def _entries() -> tuple[bytes, ...]:
    from edm_core._codec import encode
    from edm_core.store import Entry

    entry = Entry("sha256:" + "ab" * 32, "a.mp3", "2026-01-01T00:00:00.000000Z", None)
    return (json.dumps(encode(entry)).encode(),)


def _answer(text: str) -> None:
    from edm_core.remote.answers import Said, read

    schema = {
        "type": "object",
        "required": ["score"],
        "properties": {"score": {"type": "number", "minimum": 1}, "opinion": {"type": "string"}},
    }
    found, problem = read(Said(text), [schema])
    assert (found is None) == bool(problem)


def _events(text: str) -> None:
    from edm_core.client.events import events

    for name, data in events(text.splitlines()):
        assert isinstance(name, str)
        assert isinstance(data, str)


def _search(text: str) -> None:
    text = text.encode("utf-8", "replace").decode().replace("\0", "")[:500]
    _library().page(search=text, tags=(text,), limit=5)


TARGETS = (
    Target(
        "blob-key",
        lambda: (f"sources/ab/{'ab' * 32}".encode(), f"timelines/00/{'00' * 32}".encode()),
        _text(_blob_key),
        (StorageError,),
        (b"../", b"/", b"..", b"\n", b"%2e%2e", b"\\", "\u0660".encode()),
    ),
    Target(
        "recording-id",
        lambda: (b"sha256:" + b"ab" * 32, b"ab" * 32, b"abcdef"),
        _text(_recording_id),
        tokens=(b"sha256:", b"*", b"?", b"[", b"../", "\u0660".encode()),
    ),
    Target(
        "job-id",
        lambda: (b"20260101000000000000-0123abcd",),
        _text(_job_id),
        tokens=(b"%", b"'", b"--", b"_"),
    ),
    Target(
        "search",
        lambda: (b"drop 128", "Zürich".encode(), b"100% _a"),
        _text(_search),
        tokens=(b"%", b"_", b"'"),
    ),
    Target(
        "earlier-job",
        lambda: (b'{"id": "1", "kind": "analyze", "key": "sha256:aa", "payload": {"id": "sha256:aa"}}',),
        _earlier_job,
    ),
    Target("earlier-entry", _entries, _entry, (EdmError,)),
    Target(
        "model-answer",
        lambda: (b'Sure: {"score": 4, "opinion": "fine"}', b'<think>hm</think>\n```json\n{"score": 2}\n```'),
        _text(_answer),
        tokens=(b"<think>", b"</think>", b"```", b"{", b"}"),
    ),
    Target(
        "events",
        lambda: (b'event: progress\ndata: {"share": 0.5}\n\n: still here\n\ndata: x\n\n',),
        _text(_events),
        tokens=(b"data:", b"event:", b"\n\n", b"\r", b"id:", b"retry:"),
    ),
    Target("timeline-of-library", lambda: (samples.golden("analyze.json"),), lambda data: _kept(data)),
)


def _kept(data: bytes) -> None:
    """What is read as a timeline can be shown as a card."""
    from edm_core.store.entry import chips_of, parts_of
    from edm_core.timeline import Timeline

    timeline = Timeline.from_json(data.decode("utf-8", "replace"))
    chips_of(timeline)
    parts_of(timeline)
