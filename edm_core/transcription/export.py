"""Transcripts as SubRip, WebVTT, plain text and JSON: pure functions to text.

Subtitles are cut from the words, not from the passages: two lines of 42 characters, at most 6 s, ending
where a sentence or a phrase ends if they can.
"""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Sequence

from .._codec import encode
from ..timeline import Passage, Timeline, Word
from .passages import joined

LINE, LINES, LONGEST, PAUSE = 42, 2, 6.0, 1.0
"""Characters a line, lines a subtitle, seconds a subtitle, and seconds of pause that end one."""

_ENDS = (".", "!", "?", "…", "。", "！", "？")


def to_srt(words: Sequence[Word], language: str | None = None) -> str:
    r"""Return SubRip subtitles.

    Examples
    --------
    >>> to_srt([Word(0.5, 0.9, text="Hello", probability=1.0)])
    '1\n00:00:00,500 --> 00:00:00,900\nHello\n'
    """
    blocks = []
    for number, cue in enumerate(_cues(words, language), start=1):
        # The format has no escape; an arrow in the text would be read as a line of times.
        text = _lines(joined(cue, language)).replace("-->", "→")
        blocks.append(f"{number}\n{_clock(cue[0].start, ',')} --> {_clock(cue[-1].end, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_vtt(words: Sequence[Word], language: str | None = None) -> str:
    r"""Return WebVTT subtitles; ``&``, ``<`` and ``>`` are escaped.

    Examples
    --------
    >>> to_vtt([Word(0.5, 0.9, text="R&B", probability=1.0)])
    'WEBVTT\n\n00:00:00.500 --> 00:00:00.900\nR&amp;B\n'
    """
    blocks = ["WEBVTT\n"]
    for cue in _cues(words, language):
        text = html.escape(_lines(joined(cue, language)), quote=False)
        blocks.append(f"{_clock(cue[0].start, '.')} --> {_clock(cue[-1].end, '.')}\n{text}\n")
    return "\n".join(blocks)


def to_txt(passages: Sequence[Passage]) -> str:
    """Return the text alone, one passage a line."""
    return "".join(f"{' '.join(passage.text.split())}\n" for passage in passages)


def to_json(timeline: Timeline) -> str:
    """Return what was said as JSON on one line: recording, words, passages, and what was rejected.

    The keys are those of ``edm analyze``, with ``utterances`` beside them.
    """
    whole = timeline.to_dict()
    document = {key: whole[key] for key in ("schema", "recording", "words")}
    document["utterances"] = encode(timeline.utterances)
    document |= {key: whole[key] for key in ("passages", "problems", "provenance")}
    return json.dumps(document, ensure_ascii=False)


def _cues(words: Sequence[Word], language: str | None) -> list[list[Word]]:
    cues: list[list[Word]] = []
    for word in words:
        if cues:
            cue = cues[-1]
            longer = joined([*cue, word], language)
            fits = len(_lines(longer).split("\n")) <= LINES and word.end - cue[0].start <= LONGEST
            ended = cue[-1].text.endswith(_ENDS) and len(longer) > LINE
            if fits and not ended and word.start - cue[-1].end <= PAUSE:
                cue.append(word)
                continue
        cues.append([word])
    return cues


def _lines(text: str) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), LINE, break_on_hyphens=False))


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    whole, milliseconds = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{milliseconds:03d}"
