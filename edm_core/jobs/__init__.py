"""Jobs: work that takes longer than a page may wait, done one after another by separate processes.

What is to be done is named by a *kind*, and a kind is bound to a function by its dotted name, so that this
room knows nothing of analysis. A worker that dies takes one job with it and is replaced; work that was not
finished when the app ended is taken up again at its next start.
"""

from .ledger import Job, JobState
from .queue import Queue

__all__ = ["Job", "JobState", "Queue"]
