"""Jobs: work that takes longer than a page may wait, done by separate processes.

What is to be done is named by a *kind*, and a kind is bound to a function by its dotted name, so that this
room knows nothing of analysis. The ledger in the database is the truth: what waits, who does what and until
when that is believed (a lease), how it ended. A worker that dies leaves its lease to run out, and its job is
begun again; whatever starts twice, only the newest start may write. A handler that leaves an effect asks
:meth:`Ledger.holds` first.
"""

from .job import Depth, Figures, Job, JobState, Kind, Unavailable, Worker
from .ledger import Ledger
from .queue import Queue

__all__ = [
    "Depth",
    "Figures",
    "Job",
    "JobState",
    "Kind",
    "Ledger",
    "Queue",
    "Unavailable",
    "Worker",
]
