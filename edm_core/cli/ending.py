"""Being told to end: the work stops as an error would stop it, so that nothing half-done stays behind."""

from __future__ import annotations

import signal
import sys
from types import FrameType

ENDING = {signal.SIGTERM, signal.SIGHUP}


def end_tidily_when_told() -> None:
    """Let the signals of :data:`ENDING` end this process with status 128 and the signal's number.

    One that is ignored stays so: ``nohup`` means it. Only the first is heard. The signal that a whole group
    of processes gets is followed by the one its parent sends, and that must not break off the tidying up.
    """
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(given: int, _frame: FrameType | None) -> None:
    for number in ENDING:
        signal.signal(
            number, lambda *_: None
        )  # not ignored: that would stay so in programs started from here
    sys.exit(128 + given)
