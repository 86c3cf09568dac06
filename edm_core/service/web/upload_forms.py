"""Forms with a file in them (``multipart/form-data``, RFC 7578), read as they arrive; and names of files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from .problems import refused

MOST_PARTS = 64
MOST_BYTES = 1 << 16
"""Most that all fields besides the file may hold."""
_HEADERS = 8
_AGAIN = "send it again as multipart/form-data, as RFC 7578 says"
_EXTENDED = re.compile(r"filename\*\s*=\s*utf-8'[^';]*'([^;\s]{1,1000})", re.IGNORECASE)

Take = Callable[[bytes], None]


class Form:
    """A form that is being received.

    Parameters
    ----------
    boundary : bytes
        What stands between its parts.
    name : str
        The field that is the file.
    take : callable
        Given the file's bytes as they come.

    Examples
    --------
    >>> parts = []
    >>> form = Form(b"x", "file", parts.append)
    >>> form.feed(b'--x\\r\\nContent-Disposition: form-data; name="file"; filename="a.mp3"\\r\\n\\r\\nso')
    >>> form.feed(b"und\\r\\n--x--")
    >>> form.finish()
    >>> form.shown, b"".join(parts)
    ('a.mp3', b'sound')
    """

    def __init__(self, boundary: bytes, name: str, take: Take) -> None:
        self.shown, self.fields = "", {}
        self._name, self._take = name, take
        self._parts = self._files = self._held = 0
        self._at_end = False
        self._header, self._value, self._disposition = b"", b"", b""
        self._field: str | None = None
        self._text = bytearray()
        callbacks: Any = {
            "on_part_begin": self._part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._opened,
            "on_part_data": self._data,
            "on_part_end": self._closed,
            "on_end": self._ended,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks, max_header_count=_HEADERS)
        except (FormParserError, ValueError):
            raise refused(400, "its boundary is too long", remedy=_AGAIN) from None

    fields: dict[str, str]

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the body.

        Raises
        ------
        Refused
            If they are not of a form, or of one that is too large.
        """
        try:
            self._parser.write(block)
        except FormParserError:
            raise refused(400, "it is no form that can be read", remedy=_AGAIN) from None

    def finish(self) -> None:
        """Check that all of it has come.

        Raises
        ------
        Refused
            If it breaks off, or holds no file.
        """
        if not self._at_end:
            raise refused(400, "the form breaks off", remedy="send it again")
        if not self._files:
            raise refused(422, "the form holds no file", remedy=f"send the recording as {self._name!r}")

    # --- called by the parser ------------------------------------------------------------------------

    def _part(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise refused(413, f"the form has more than {MOST_PARTS} parts", remedy="send fewer")
        self._disposition = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _opened(self) -> None:
        said, options = parse_options_header(self._disposition.decode("latin-1"))
        if said != b"form-data" or b"name" not in options:
            raise refused(422, "a part of the form has no name", remedy=_AGAIN)
        field = options[b"name"].decode("utf-8", "replace")
        if field == self._name:
            self._files += 1
            if self._files > 1:
                raise refused(422, "the form holds several files", remedy="send one at a time")
            self.shown = options.get(b"filename", b"").decode("utf-8", "replace")
            self._field = None
        elif b"filename" in options:
            raise refused(422, f"the file is called {field[:40]!r}", remedy=f"call it {self._name!r}")
        else:
            self._field = field[:200]

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._take(data[start:end])
            return
        self._held += end - start
        if self._held > MOST_BYTES:
            raise refused(413, f"the form's fields hold more than {MOST_BYTES // 1024} KiB")
        self._text += data[start:end]

    def _closed(self) -> None:
        if self._field is not None:
            self.fields[self._field] = self._text.decode("utf-8", "replace")
            self._text.clear()

    def _ended(self) -> None:
        self._at_end = True


def boundary_of(content_type: str) -> bytes:
    """Return what stands between the parts of a form.

    Raises
    ------
    Refused
        If the header does not say.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise refused(400, "it does not say what separates the parts of the form", remedy=_AGAIN)
    return boundary


def name_in(disposition: str) -> str:
    """Return the file name of a ``Content-Disposition`` header, or an empty text.

    Examples
    --------
    >>> name_in("attachment; filename=\\"plain.mp3\\"; filename*=UTF-8''na%C3%AFve.mp3")
    'naïve.mp3'
    """
    if extended := _EXTENDED.search(disposition):
        return unquote(extended[1], errors="replace")
    name = parse_options_header(disposition)[1].get(b"filename", b"")
    return name.decode("utf-8", "replace")
