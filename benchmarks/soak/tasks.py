"""Work that takes a known time and keeps its result as an analysis does; what workers of the cases do.

Run as a program this is such a worker: ``python -m benchmarks.soak.tasks``, settings in its environment.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edm_core.jobs import Kind, Queue
from edm_core.settings import Settings
from edm_core.store import Library

TASK, AFTER = "task", "after"
KINDS = {
    # As often as it takes: what is counted is whether a kill loses work, not after how many it is given up.
    TASK: Kind("benchmarks.soak.tasks:run", queue="music", attempts=1_000),
    AFTER: Kind("benchmarks.soak.tasks:follow", queue="personas", attempts=1_000),
}
_STEP = 0.05
_AWAY = threading.Event()


def run(payload: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Take ``payload["seconds"]``, save the recording's timeline anew, and have another job follow."""
    end = time.monotonic() + payload["seconds"]
    while (left := end - time.monotonic()) > 0:
        progress("waiting", 1 - left / payload["seconds"], left)
        _AWAY.wait(min(_STEP, left))  # time.sleep fails under a clock that libfaketime sets
    library = Library(Settings.from_environment())
    timeline = library.analysis(payload["id"])
    assert timeline is not None
    job = (payload["job"]["id"], payload["job"]["attempt"])
    library.save_timeline(replace(timeline), job=job)
    return {"then": [{"kind": AFTER, "key": payload["id"], "payload": {}}]}


def follow(payload: Mapping[str, Any], progress: Any) -> None:
    """Do nothing: that there is one of these for each task, and no more, is what counts."""


def main() -> None:
    """Work until told to end."""
    queue = Queue(Settings.from_environment(), KINDS)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    queue.start(work=True)
    ended.wait()
    queue.close()


if __name__ == "__main__":
    main()
