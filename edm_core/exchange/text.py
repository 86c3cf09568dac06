"""Bytes of a file as text, whatever wrote them."""

from __future__ import annotations

import codecs

from .errors import ExchangeError
from .reading import Notes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(data: bytes, name: str, notes: Notes) -> str:
    r"""Return text, its lines ended by ``\n``.

    UTF-8, or what a byte order mark says; else it is taken for Windows-1252, and noted: a word or a path may
    then have wrong letters.

    Raises
    ------
    ExchangeError
        If it is no text: it has zero bytes, or does not go with its own mark.

    Examples
    --------
    >>> text_of("Zürich\r\n".encode("utf-16"), "a.txt", Notes())
    'Zürich\n'
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise ExchangeError(
                f"it begins as {encoding} and breaks off at byte {error.start}",
                subject=name,
                remedy="save it again as UTF-8",
            ) from None
        text = data.decode("cp1252", errors="replace")
        line = data[: error.start].count(b"\n") + 1
        notes.say(
            "encoding",
            f"it is no UTF-8 (line {line}): read as Windows-1252; see whether its letters are right",
        )
    if "\0" in text:
        raise ExchangeError("it is no text", subject=name, remedy="give a file of annotations, not of sound")
    return text.replace("\r\n", "\n").replace("\r", "\n")
