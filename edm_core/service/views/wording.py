"""What the pages say about time and progress. Pure."""

from __future__ import annotations

import re

from ...jobs import Job

STAGES = {
    "audio": "reading the sound",
    "activity": "telling speech from music",
    "beats": "finding the beat",
    "sections": "finding the sections",
    "key": "finding the key",
    "words": "writing down the words",
    "content": "reading what is said",
    "personas": "asking the audience",
    "laboratory": "examining the judge",
}
"""What each stage of the analysis does, in plain words."""


def markdown(text: str) -> str:
    """Return text from outside as Markdown that shows it as it is: no emphasis, links, images or directives.

    Examples
    --------
    >>> print(markdown("a_b [c](d) :red[e]"))
    a\\_b \\[c\\]\\(d\\) \\:red\\[e\\]
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def time_left(seconds: float | None) -> str | None:
    """Return how long it will still take, as coarsely as it is known; None if it is not.

    Examples
    --------
    >>> time_left(7.2), time_left(95.0), time_left(None)
    ('about 10 s left', 'about 2 min left', None)
    """
    if seconds is None:
        return None
    if seconds < 3:
        return "nearly done"
    if seconds < 55:
        return f"about {-(-seconds // 5) * 5:.0f} s left"
    if seconds < 3_300:
        return f"about {-(-seconds // 60):.0f} min left"
    return f"about {seconds / 3_600:.1f} h left"


def progress_text(job: Job | None) -> str:
    """Return what is being done, how much of it is done, and how long it will take.

    Examples
    --------
    >>> progress_text(Job("1", "analyze", "a", state="running", stage="beats", share=0.4, remaining=12.0))
    'Finding the beat · 40% · about 15 s left'
    >>> progress_text(None)
    'Waiting for its turn'
    """
    if job is None or job.state == "queued":
        return "Waiting for its turn"
    if job.stage is None:
        return "Starting"
    stage = STAGES.get(job.stage, job.stage.replace("_", " "))
    parts = (stage[:1].upper() + stage[1:], f"{job.share * 100:.0f}%", time_left(job.remaining))
    return " · ".join(part for part in parts if part)
