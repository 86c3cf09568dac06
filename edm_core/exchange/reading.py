"""What comes of reading and writing a file, and the notes that are taken on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from ..annotation import Annotation
from ..findings import Finding, Kind, Severity
from ..timeline import LayerKind

_MANY = 200  # findings of one kind; of more, the number is told


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: one annotation for each author of each recording.

    ``findings`` tell what does not agree and what had to be derived; in a file about several recordings their
    messages begin with the recording's name. ``format`` is the one it was read as.
    """

    annotations: tuple[Annotation, ...]
    findings: tuple[Finding, ...]
    format: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it is to be written, and each thing that did not fit into it, with the reason."""

    data: bytes
    left_out: tuple[str, ...]


class Notes:
    """Findings as they are made; an unknown word is told once, and of many alike the first 200."""

    def __init__(self) -> None:
        self.about = ""  # which recording, where a file has several
        self._found: list[Finding] = []
        self._counts: Counter[tuple[str, Kind]] = Counter()
        self._words: dict[tuple[str, str], tuple[float, int]] = {}

    def say(
        self,
        kind: Kind,
        message: str,
        start: float = 0.0,
        end: float | None = None,
        *,
        severity: Severity = "warning",
        layer: LayerKind = "sections",
        bar: int | None = None,
    ) -> None:
        """Note something, with its place in seconds."""
        self.add(Finding(kind, severity, start, end, message, layer, bar))

    def add(self, finding: Finding) -> None:
        """Note a finding that was made elsewhere."""
        self._counts[self.about, finding.kind] += 1
        if self._counts[self.about, finding.kind] <= _MANY:
            self._found.append(self._named(finding))

    def unknown(self, word: str, start: float) -> None:
        """Note a label that no table knows."""
        first, count = self._words.get((self.about, word), (start, 0))
        self._words[self.about, word] = first, count + 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order in which they were made."""
        more = [
            Finding(
                kind, "note", 0.0, None, f"{about}and {count - _MANY} more of the kind {kind}", "sections"
            )
            for (about, kind), count in self._counts.items()
            if count > _MANY
        ]
        words = [
            Finding("unknown_label", "note", start, None,
                    f"{about}{word!r} is no label here: it was read as other, the word is kept", "sections",
                    count=count)
            for (about, word), (start, count) in self._words.items()
        ]  # fmt: skip
        if len(words) > _MANY:
            rest = Finding("unknown_label", "note", 0.0, None,
                           f"and {len(words) - _MANY} more words that are no labels here", "sections",
                           count=len(words) - _MANY)  # fmt: skip
            words = [*words[:_MANY], rest]
        return (*self._found, *more, *words)

    def _named(self, finding: Finding) -> Finding:
        if not self.about:
            return finding
        return replace(finding, message=f"{self.about}{finding.message}")
