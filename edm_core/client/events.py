"""Server-sent events (WHATWG HTML, section 9.2): lines in, events out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def events(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the data of each event; one without a name is a ``message``.

    Parameters
    ----------
    lines : iterable of str
        Without their ends. An event that is cut off is dropped, as the standard says.

    Examples
    --------
    >>> list(events([": still here", "event: progress", "data: {", "data: }", "", "data: cut off"]))
    [('progress', '{\\n}')]
    """
    name = "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
