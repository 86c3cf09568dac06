"""The report's sections: each is replaced by itself, so that a part not measured again is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEAD = "# Results\n\nWritten by `python -m benchmarks` (or `make benchmark`); not by hand.\n"


def put_section(text: str, heading: str, body: str) -> str:
    """Replace a section of the report, or add it at the end.

    >>> put_section("# Results\\n\\n## A\\n\\nold\\n\\n## B\\n\\nkept\\n", "A", "new")
    '# Results\\n\\n## A\\n\\nnew\\n\\n## B\\n\\nkept\\n'
    """
    text = text or HEAD
    section = f"## {heading}\n\n{body.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    match = pattern.search(text)
    if match is None:
        return text.rstrip() + "\n\n" + section
    rest = text[match.end() :]
    return text[: match.start()] + section + ("\n" + rest if rest else "")


def in_order(text: str, headings: Sequence[str]) -> str:
    """Put the named sections first, in that order; the others follow as they stood.

    >>> in_order("# Results\\n\\n## C\\n\\nc\\n\\n## B\\n\\nb\\n\\n## A\\n\\na\\n", ("A", "B"))
    '# Results\\n\\n## A\\n\\na\\n\\n## B\\n\\nb\\n\\n## C\\n\\nc\\n'
    """
    head, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    place = {f"## {heading}": number for number, heading in enumerate(headings)}
    ordered = sorted(sections, key=lambda section: place.get(section.split("\n", 1)[0], len(place)))
    return "\n\n".join(part.strip() for part in (head, *ordered)) + "\n"
