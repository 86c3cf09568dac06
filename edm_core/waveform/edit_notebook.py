"""The editor in a notebook, as an anywidget. It saves through the widget's own channel, into the same store.

What the editor asks comes as ``{"id": …, "do": …}`` and is answered with ``{"id", "status", "body"}``: the
statuses and bodies are those of the HTTP routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import EdmError
from ..joining import joined
from ..settings import Settings
from ..timeline import Timeline
from .assets import script
from .editor_props import editor_view
from .notebook import sounding, sounding_widget
from .source import checked, sound_of

if TYPE_CHECKING:
    from ..audio import Sound
    from ..store.desk import Desk

Answer = tuple[int, dict[str, Any]]


def edit(
    timeline: Timeline,
    sound: Sound | None = None,
    *,
    author: str,
    at: float = 0.0,
    settings: Settings | None = None,
) -> Any:
    """Return the editor for a timeline, to be shown by the notebook.

    The same editor as on the page *Annotate*, with the same keys (``?`` shows them). It saves revisions of
    the author's line into the same store.

    Parameters
    ----------
    timeline : Timeline
        What is annotated; what the models found in it is the suggestion.
    sound : Sound, optional
        The recording's sound; by default it is loaded from the file that the timeline names.
    author : str
        Who annotates.
    at : float
        Where the sound stands at first, in seconds.
    settings : Settings, optional
        Where the annotations are kept; from the environment by default.

    Returns
    -------
    anywidget.AnyWidget
        Its ``timeline`` is the given one with what everybody has saved so far; ``answer`` does what the
        editor asks, for programs that edit without a person.

    Raises
    ------
    EdmError
        If anywidget is not installed, the author has no name, or ``sound`` is of another recording.
    AudioError
        If the sound's file is gone or has changed.
    """
    from ..store.annotations import Annotations
    from ..store.desk import Desk

    widget = _widget()
    settings = settings or Settings.from_environment()
    sound = sound_of(timeline, settings) if sound is None else checked(timeline, sound)
    desk = Desk(Annotations(settings), timeline.recording, author, timeline=timeline, tool="notebook")
    props = editor_view(
        timeline.recording,
        author=desk.author,
        line=desk.opened(),
        found=desk.found,
        others=desk.others(),
        at=at,
        peaks=sound.peaks,
    )
    return widget(desk, timeline, props=props, **sounding(timeline, sound, settings))


def answered(desk: Desk, message: Mapping[str, Any]) -> Answer:
    """Do what the editor asks; return the status and the body, as the HTTP routes would.

    Parameters
    ----------
    desk : Desk
        The author's.
    message : mapping
        ``do`` and what belongs to it.
    """
    from ..store.answers import status_of

    does = message.get("do")
    if not isinstance(does, str) or does not in _ACTIONS:
        return _problem(400, f"nobody here can do {does!r}")
    try:
        return _ACTIONS[does](desk, message)
    except EdmError as error:
        return _problem(status_of(error), str(error))


def _save(desk: Desk, message: Mapping[str, Any]) -> Answer:
    from ..store.answers import Clashed

    saved = desk.save(message.get("annotation"), parent=message.get("parent"), note=message.get("note", ""))
    if isinstance(saved, Clashed):
        status, problem = _problem(409, f"revision {saved.theirs[0]} was saved since")
        return status, {**problem, **saved.plain()}
    return 201 if saved.created else 200, saved.plain()


def _left(desk: Desk, _: Mapping[str, Any]) -> Answer:
    desk.leave()
    return 204, {}


_ACTIONS: dict[str, Callable[[Desk, Mapping[str, Any]], Answer]] = {
    "open": lambda desk, _: (200, desk.opened()),
    "save": _save,
    "draft": lambda desk, message: (200, desk.keep(message.get("annotation"), base=message.get("base"))),
    "history": lambda desk, _: (200, desk.history()),
    "revision": lambda desk, message: (200, desk.revision(message.get("number"))),
    "restore": lambda desk, message: (200, desk.restore(message.get("number"))),
    "present": lambda desk, _: (200, desk.present()),
    "leave": _left,
}
"""What can be asked, and how it is answered."""


def _problem(status: int, detail: str) -> Answer:
    from http import HTTPStatus

    return status, {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}


@cache
def _widget() -> Any:
    class Editor(sounding_widget("edit")):  # type: ignore[misc]
        """The editor, with the desk that it saves at."""

        _esm = script("edit")

        def __init__(self, desk: Desk, timeline: Timeline, **values: Any) -> None:
            super().__init__(**values)
            self._desk, self._given = desk, timeline
            self.on_msg(self._heard)

        @property
        def timeline(self) -> Timeline:
            """The timeline with what everybody has saved so far."""
            recording = self._given.recording
            layers = self._desk.annotations.layers(recording.id, recording.duration)
            models = tuple(layer for layer in self._given.layers if not layer.is_person)
            return joined(replace(self._given, layers=models), layers)

        def answer(self, message: Mapping[str, Any]) -> Answer:
            """Do what the editor asks; see :func:`answered`."""
            return answered(self._desk, message)

        def _heard(self, _: Any, message: Any, __: Any) -> None:
            if isinstance(message, dict) and "do" in message:
                status, body = self.answer(message)
                self.send({"id": message.get("id"), "status": status, "body": body})

    return Editor
