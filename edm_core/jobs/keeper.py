"""The keeper: a thread that looks at the ledger every second and keeps it true.

It prolongs the leases of this process's jobs and signs the roll; stops what somebody wants stopped, here or
on another machine; takes back jobs whose workers fell silent, whoever's they are; wakes slots where something
is due; and sends again what the queue's server has lost. Any number of keepers may do the same at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from ..errors import StorageError
from .carrier import Carrier
from .claims import Claims, Standing
from .job import Unavailable
from .ledger import Ledger
from .slot import Slot

LOOK_S = 1.0
"""Longest time between two looks at the ledger."""
RESEND_S = 5.0
"""Time between two looks whether the queue's server has what it should."""
MOST_SENT = 10_000
"""How many ids are sent again in one go."""
_log = logging.getLogger(__name__)

Silent = tuple[str, int, str]
"""Id, attempt and lease of a job whose worker fell silent."""


class Watch:
    """Which leases have not been prolonged, by a clock that nobody sets.

    A lease that has run out counts once it has been seen unchanged for longer than its holder takes to
    prolong it: if only the clock jumped, it changes before. One that lies in the future counts after two
    leases without a change: its holder died before the clock was set back.

    Parameters
    ----------
    lease_s : float
        How long a lease is, in seconds.

    Examples
    --------
    >>> watch, job = Watch(30.0), ("1", 1, "2026-01-01T00:00:30.000000Z")
    >>> [watch.silent([(*job, True, False)], at) for at in (0.0, 5.0)]
    [[], []]
    >>> watch.silent([(*job, True, False)], 13.0) == [job]
    True
    """

    def __init__(self, lease_s: float) -> None:
        self._lease_s = lease_s
        self._since: dict[Silent, float] = {}

    def silent(self, running: Sequence[tuple[str, int, str, bool, bool]], now: float) -> list[Silent]:
        """Return the jobs whose workers fell silent.

        Parameters
        ----------
        running : sequence
            As :class:`edm_core.jobs.claims.Standing` has it.
        now : float
            Seconds by a clock that only goes forward.
        """
        self._since = {(id, n, lease): self._since.get((id, n, lease), now) for id, n, lease, _, _ in running}
        return [
            (id, n, lease)
            for id, n, lease, is_over, _ in running
            if now - self._since[id, n, lease] >= (0.4 if is_over else 2.0) * self._lease_s
        ]


class Keeper:
    """Keeps the ledger true for as long as its process lives.

    Parameters
    ----------
    ledger : Ledger
        Which.
    slots : sequence of Slot
        Who works in this process.
    wake : callable
        Called with the name of a queue in which something is due.
    carrier : Carrier or None
        The queue's server, if there is one.
    """

    def __init__(
        self, ledger: Ledger, slots: Sequence[Slot], wake: Callable[[str], object], carrier: Carrier | None
    ) -> None:
        self._claims, self._slots, self._wake, self._carrier = Claims(ledger), slots, wake, carrier
        self._lease_s = ledger.settings.lease_s
        self._watch = Watch(self._lease_s)
        self._renewed, self._resent = float("-inf"), float("-inf")
        self._signed: tuple[object, ...] = ()
        self._closing, self._poked = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """Have it look now."""
        self._poked.set()

    def close(self) -> None:
        """End, and take this process's slots off the roll."""
        self._closing.set()
        self._poked.set()
        self._thread.join()
        if self._slots:
            try:
                self._claims.sign_off([slot.id for slot in self._slots])
            except StorageError as error:  # who is silent is taken off later
                _log.warning("the workers cannot be taken off the roll: %s", error)

    def _keep(self) -> None:
        while not self._closing.is_set():
            try:
                self._look()
            except StorageError as error:
                _log.warning("the ledger cannot be looked at: %s", error)
            except Unavailable as error:
                _log.warning("what the queue's server lost cannot be sent again: %s", error)
            except Exception:  # noqa: BLE001 - leases that nobody prolongs are jobs done twice
                _log.exception("the keeper of the jobs met a fault")
            self._poked.wait(min(LOOK_S, self._lease_s / 6))
            self._poked.clear()

    def _look(self) -> None:
        now = time.monotonic()
        held = {(job.id, job.attempt): slot for slot in self._slots if (job := slot.job) is not None}
        standing = self._claims.standing()
        self._compare(held, standing)
        state = tuple((slot.done, slot.job) for slot in self._slots)
        if self._slots and (now - self._renewed >= self._lease_s / 3 or state != self._signed):
            self._claims.renew(
                [job for slot in self._slots if (job := slot.job)], [slot.worker() for slot in self._slots]
            )
            self._renewed, self._signed = now, state
        for id, attempt, lease in self._watch.silent(standing.running, now):
            if (id, attempt) not in held and (taken := self._claims.expire(id, attempt, lease)) is not None:
                _log.warning("job %s: its worker fell silent, it is %s", id, taken.state)
        for queue in standing.due:
            self._wake(queue)
        for slot in self._slots:
            slot.rest()
        if self._carrier is not None and now - self._resent >= RESEND_S:
            self._resent = now
            self._send_again(self._carrier, standing)

    def _compare(self, held: dict[tuple[str, int], Slot], standing: Standing) -> None:
        """Stop what is to stop, and what is no longer ours."""
        stops = {(id, attempt): stop for id, attempt, _, _, stop in standing.running}
        for start, slot in held.items():
            job = slot.job
            if job is None or (job.id, job.attempt) != start:
                continue
            if start not in stops:
                slot.drop(job)
            elif stops[start]:
                slot.cancel(job)

    def _send_again(self, carrier: Carrier, standing: Standing) -> None:
        for queue, due in standing.due.items():
            if carrier.count(queue) < due:
                there = carrier.ids(queue)
                lost = [id for id in self._claims.due(queue, MOST_SENT) if id not in there]
                for id in lost:
                    carrier.send(queue, id)
                _log.info("%d jobs of the queue %s were sent again", len(lost), queue)
