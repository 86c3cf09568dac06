"""A workbench elsewhere: its library, its jobs, its annotations, its audience."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from .._codec import decode
from ..annotation import Annotation, plain
from ..errors import AudioError
from ..progress import Progress
from ..timeline import Timeline
from .errors import ConflictError, ServiceError
from .events import events
from .transport import Transport, checked, problem_in
from .values import Line, Recording, Saved, Work, value_of

if TYPE_CHECKING:
    import httpx2

    from ..store.entry import EntryStatus

PAGE = 200
"""Recordings and jobs that are asked for at once."""
_BLOCK = 1 << 20
_ASK_AGAIN_S = 0.5


class Client:
    """A workbench elsewhere.

    Parameters
    ----------
    address : str
        Where it is served.
    key : str
        An API key, if it asks for one; ``edm keys create`` makes them.
    timeout : float
        Seconds that an answer may take to go on.
    through : httpx2.BaseTransport, optional
        What carries the requests, for tests.

    Raises
    ------
    SettingsError
        If the address is none.

    Notes
    -----
    Every method raises :class:`ServiceError` where the workbench refuses or does not answer; it says why in
    the workbench's words.

    Examples
    --------
    >>> with Client("http://127.0.0.1:8000") as there:  # doctest: +SKIP
    ...     for recording in there.recordings(search="128"):
    ...         print(recording.title, there.timeline(recording.id).tempo.bpm)
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        *,
        key: str = "",
        timeout: float = 60.0,
        through: httpx2.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(address, key, timeout, through)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # --- recordings --------------------------------------------------------------------------------

    def analyze(
        self,
        path: str | Path,
        *,
        progress: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> Timeline:
        """Send a recording, wait for its analysis and return the timeline.

        A recording that the workbench has analysed already is not analysed again.

        Parameters
        ----------
        path : path
            A sound file of this machine.
        progress : callable, optional
            Called as the work goes on.
        timeout : float, optional
            Seconds to wait; as long as it takes by default. The work goes on there.

        Raises
        ------
        AudioError
            If the file cannot be opened.
        ServiceError
            If it is refused, or its analysis failed, with the reason.
        """
        recording = self.add(path)
        self.wait(recording.id, progress=progress, timeout=timeout)
        return self.timeline(recording.id)

    def add(self, path: str | Path) -> Recording:
        """Send a recording to be analysed, and return at once.

        Raises
        ------
        AudioError
            If the file cannot be opened.
        """
        file = Path(path)

        def body() -> dict[str, Any]:
            return {"content": _blocks(file), "params": {"name": file.name}}

        if not file.is_file():
            raise AudioError("there is no such file", subject=str(file), remedy="check the path")
        kind = {"Content-Type": "application/octet-stream", "Content-Length": str(file.stat().st_size)}
        answer = self._transport.ask("POST", "recordings", body=body, headers=kind)
        return value_of(Recording, answer.json()["recording"])

    def recordings(
        self,
        search: str = "",
        *,
        tags: Sequence[str] = (),
        status: EntryStatus | None = None,
        sort: str = "added",
    ) -> Iterator[Recording]:
        """Yield the library, newest first, page by page.

        Parameters
        ----------
        search : str
            Words that must all be found in title, artist, name, chips, tags or status.
        tags : sequence of str
            All of which it must have.
        status : str, optional
            Of the analysis.
        sort : str
            ``added``, ``title``, ``bpm`` or ``duration``.
        """
        offset = 0
        asked: dict[str, Any] = {"search": search, "tag": list(tags), "sort": sort, "limit": PAGE}
        if status is not None:
            asked["status"] = status
        while True:
            page = self._get("recordings", params=asked | {"offset": offset})
            yield from (value_of(Recording, each) for each in page["recordings"])
            offset += len(page["recordings"])
            if not page["recordings"] or offset >= page["total"]:
                return

    def recording(self, id: str) -> Recording:
        """Return a recording by its id."""
        return value_of(Recording, self._get(_of(id)))

    def tag(self, id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Recording:
        """Add and remove tags of a recording, and return it."""
        change = {"add": list(add), "remove": list(remove)}
        return value_of(Recording, self._transport.ask("PATCH", _of(id), json=change).json())

    def remove(self, id: str) -> None:
        """Take a recording out of the library; what people said of it stays."""
        self._transport.ask("DELETE", _of(id))

    def timeline(self, id: str) -> Timeline:
        """Return a recording's timeline: the newest analysis and what people say."""
        return Timeline.from_json(self._transport.ask("GET", _of(id, "timeline")).text)

    def download(self, id: str, path: str | Path) -> Path:
        """Write what a browser would play of a recording into a file, and return its path."""
        target = Path(path)
        with self._transport.streamed(_of(id, "audio")) as answer, target.open("wb") as file:
            for block in answer.iter_bytes(_BLOCK):
                file.write(block)
        return target

    # --- jobs --------------------------------------------------------------------------------------

    def jobs(self, *, state: str | None = None) -> Iterator[Work]:
        """Yield the jobs, newest first; those of one state if it is named."""
        asked: dict[str, Any] = {"limit": PAGE} | ({"state": state} if state else {})
        while True:
            page = self._get("jobs", params=asked)
            yield from (value_of(Work, each) for each in page["jobs"])
            if page["next"] is None:
                return
            asked["before"] = page["next"]

    def job(self, id: str) -> Work:
        """Return a job by its id."""
        return value_of(Work, self._get(f"jobs/{quote(id, safe='')}"))

    def cancel(self, id: str) -> None:
        """Stop a job."""
        self._transport.ask("DELETE", f"jobs/{quote(id, safe='')}")

    def retry(self, id: str) -> Work:
        """Have a job that failed or was stopped done again."""
        return value_of(Work, self._transport.ask("POST", f"jobs/{quote(id, safe='')}/retry").json())

    def follow(self, id: str) -> Iterator[Work]:
        """Yield a job as it goes on, until it is finished."""
        with self._transport.streamed(f"jobs/{quote(id, safe='')}/events") as answer:
            for name, data in events(answer.iter_lines()):
                if name == "job":
                    yield value_of(Work, json.loads(data))

    def wait(
        self,
        id: str,
        *,
        progress: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> Recording:
        """Wait until a recording's analysis is finished, and return the recording.

        Raises
        ------
        ServiceError
            If the analysis failed or was stopped, with the reason, or takes longer than ``timeout`` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (recording := self.recording(id)).status in ("queued", "running"):
            if end is not None and time.monotonic() > end:
                raise ServiceError(
                    f"its analysis takes longer than {timeout:g} s", subject=recording.name,
                    remedy="wait longer: the work goes on there",
                )  # fmt: skip
            if progress is not None and (work := self._at(recording.id)) is not None:
                progress(Progress(work.stage or work.state, work.share, work.remaining))
            time.sleep(_ASK_AGAIN_S)
        if recording.status != "done":
            raise ServiceError(
                recording.message or f"its analysis was {recording.status}", subject=recording.name,
                remedy="see why with edm jobs list, or send it again",
            )  # fmt: skip
        return recording

    # --- people ------------------------------------------------------------------------------------

    def annotation(self, id: str, author: str) -> Line:
        """Return what an author said last of a recording."""
        said = self._get(_of(id, "annotations"), params={"author": author})
        found = said["annotation"]
        return Line(author, said["revision"], None if found is None else _annotation(found))

    def save(
        self, id: str, author: str, annotation: Annotation, *, parent: int | None, note: str = ""
    ) -> Saved:
        """Save an annotation as the author's next revision.

        Parameters
        ----------
        id : str
            The recording.
        author : str
            Whose line is written.
        annotation : Annotation
            What they say.
        parent : int or None
            The revision that was edited; None for a first one.
        note : str
            On the revision.

        Raises
        ------
        ConflictError
            If somebody saved since ``parent``, with both versions and what merging them gives.
        """
        condition = {"If-None-Match": "*"} if parent is None else {"If-Match": f'"{parent}"'}
        body = {"annotation": plain(annotation), "note": note}
        path = _of(id, "annotations")
        answer = self._transport.answer("PUT", path, params={"author": author}, json=body, headers=condition)
        if answer.status_code == 409:
            raise _conflict(answer, path)
        return value_of(Saved, checked(answer, path).json()["revision"])

    def rate(self, id: str, ratings: Sequence[Mapping[str, Any]]) -> int:
        """Add ratings of a recording's passages or sections, and return how many were new.

        Parameters
        ----------
        id : str
            The recording.
        ratings : sequence of mappings
            As ``POST /recordings/{id}/ratings`` takes them.
        """
        answer = self._transport.ask("POST", _of(id, "ratings"), json={"ratings": list(ratings)})
        added: int = answer.json()["added"]
        return added

    # --- the simulated audience --------------------------------------------------------------------

    def personas(self) -> list[dict[str, Any]]:
        """Return the personas, as the workbench describes them."""
        listed: list[dict[str, Any]] = self._get("personas")["personas"]
        return listed

    def summary(self, id: str) -> dict[str, Any]:
        """Return how the simulated audience takes a recording: means with intervals, moments, alerts."""
        return self._get(_of(id, "summary"))

    def score(self, id: str, personas: Sequence[str] | None = None, *, scorer: str = "offline") -> Work:
        """Have personas score a recording again; all that are not retired by default."""
        body = {"scorer": scorer} | ({"personas": list(personas)} if personas is not None else {})
        return value_of(Work, self._transport.ask("POST", _of(id, "reactions"), json=body).json())

    # --- the workbench itself ----------------------------------------------------------------------

    def models(self) -> dict[str, Any]:
        """Return what analyses there: versions of the stages, weights with their checksums."""
        return self._get("model/info")

    # --- private -----------------------------------------------------------------------------------

    def _get(self, path: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._transport.ask("GET", path, **options).json()
        return found

    def _at(self, recording: str) -> Work | None:
        """Return the unfinished analysis of a recording."""
        page = self._get("jobs", params={"state": ["queued", "running"], "key": recording, "limit": 1})
        return value_of(Work, page["jobs"][0]) if page["jobs"] else None


def _of(id: str, part: str = "") -> str:
    return "/".join(filter(None, ("recordings", quote(id, safe=":"), part)))


def _annotation(data: Mapping[str, Any]) -> Annotation:
    return decode(Annotation, data, "annotation")


def _conflict(answer: httpx2.Response, subject: str) -> ConflictError:
    said = problem_in(answer)

    def numbered(value: Mapping[str, Any]) -> tuple[int, Annotation]:
        return value["revision"], _annotation(value["annotation"])

    error = ConflictError(
        said["detail"], subject=subject, remedy=said.get("remedy"), status=409,
        request=answer.headers.get("x-request-id", ""),
    )  # fmt: skip
    error.base = None if said["base"] is None else numbered(said["base"])
    error.theirs, error.merged = numbered(said["theirs"]), _annotation(said["merged"])
    error.clashes = tuple(said["clashes"])
    return error


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block
