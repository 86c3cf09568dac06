"""Which formats there are, and which one a file is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Protocol, cast

from ..annotation import Annotation
from .errors import ExchangeError
from .reading import Notes, Reading

_MODULES = {
    "json": "json_documents",
    "yaml": "yaml_documents",
    "jams": "jams",
    "rekordbox": "rekordbox",
    "audacity": "audacity",
    "lab": "lab",
    "textgrid": "textgrid",
    "csv": "csv_tables",
    "edm98": "edm98",
    "mirex": "mirex",
    "webvtt": "webvtt",
    "srt": "srt",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)
"""Names of the formats."""

ENDINGS = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".yaml": "yaml", ".yml": "yaml", ".jams": "jams",
    ".xml": "rekordbox", ".lab": "lab", ".textgrid": "textgrid", ".csv": "csv", ".tsv": "csv",
    ".mirex": "mirex", ".vtt": "webvtt", ".srt": "srt",
}  # fmt: skip
"""How names of files end; ``.txt`` and others are told by what is in them."""

_TIMES = r"[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]+)?"
_COMMENTS = r"(?:[ \t]*#[^\n]*\n|\s)*"
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("webvtt", re.compile(r"WEBVTT(\s|$)")),
    ("rekordbox", re.compile(r"\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)?<(!DOCTYPE|DJ_PLAYLISTS)", re.DOTALL)),
    ("textgrid", re.compile(r'\s*File type\s*=\s*"ooTextFile|\s*"?ooTextFile')),
    ("jams", re.compile(r'\s*\{(?=.*"annotation_metadata"|\s*"file_metadata"|.*"namespace"\s*:)', re.DOTALL)),
    ("edm98", re.compile(r'\s*\{[^\n]*"labels"\s*:\s*\[\s*\[')),
    ("json", re.compile(r"\s*[{\[]\s*(\"|\{|\[|\}|\])")),
    ("srt", re.compile(r"\s*[0-9]+[ \t]*\n[ \t]*[0-9]+:[0-9]+:[0-9]+[,.][0-9]+\s*-->")),
    ("audacity", re.compile(rf"\s*-?{_TIMES}\t-?{_TIMES}(\t|\n|$)")),
    ("lab", re.compile(rf"{_COMMENTS}{_TIMES}[ \t]+({_TIMES}[ \t]+\S|[^\W\d])")),
    ("csv", re.compile(r"\s*\"?(filename|file|path|start|start_bar|bar|time)\"?\s*[,;\t]", re.IGNORECASE)),
    ("yaml", re.compile(r"(\s*(#[^\n]*|---[^\n]*|%[^\n]*)\n)*\s*(- |[\"\w][^\n:]*:(\s|$))")),
)
_HEAD = 65_536


class Format(Protocol):
    """What each module of a format has."""

    NAME: str
    TITLE: str
    HOLDS: str
    MANY: bool

    def read(self, text: str, name: str, duration: float | None, notes: Notes) -> Reading:
        """Return what a text says."""

    def write(self, annotations: Sequence[Annotation]) -> str:
        """Return a text."""


def module_of(name: str) -> Format:
    """Return the module of a format.

    Raises
    ------
    ExchangeError
        If there is none.
    """
    if name not in _MODULES:
        raise ExchangeError("no such format", subject=name, remedy=f"use one of {', '.join(FORMATS)}")
    module: Any = importlib.import_module(f".{_MODULES[name]}", __package__)
    return cast(Format, module)


def sniffed(text: str, name: str) -> str:
    """Return the format of a text, by its name's ending and by how it begins.

    Raises
    ------
    ExchangeError
        If neither tells.

    Examples
    --------
    >>> sniffed("WEBVTT", "talk"), sniffed('{"id": 1, "labels": [[0, "x"]]}', "b.jsonl")
    ('webvtt', 'edm98')
    """
    by_name = ENDINGS.get(PurePath(name).suffix.lower())
    head = text[:_HEAD]
    by_content = next((format for format, sign in _SIGNS if sign.match(head)), None)
    if by_name == "json":  # three formats are JSON
        return by_content if by_content in ("jams", "edm98") else "json"
    if by_name in ("lab", "csv", "mirex") and by_content in (
        "json",
        "jams",
        "yaml",
        "webvtt",
        "rekordbox",
        "textgrid",
    ):
        by_name = None if by_content != "yaml" else by_name
    found = by_name or by_content
    if found is None:
        raise ExchangeError(
            "none of the formats that are known", subject=name, remedy=f"say which: {', '.join(FORMATS)}"
        )
    return found
