"""What was asked of a server, and what that cost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Spent:
    """What was asked, in numbers.

    ``requests`` were sent (of these ``retried`` and ``repaired`` ones again), ``cached`` answers were there
    already. Tokens are as the servers tell; ``untold`` answers came without. ``cost`` is in the currency of
    the prices; None where prices, or the tokens of an answer, are not known.
    """

    requests: int = 0
    cached: int = 0
    repaired: int = 0
    retried: int = 0
    untold: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def __str__(self) -> str:
        """Say it in a line.

        Examples
        --------
        >>> print(Spent(requests=81, cached=19, repaired=2, prompt_tokens=45_120, completion_tokens=3_700))
        81 requests (2 to repair an answer), 19 answers kept from before, 45,120 tokens in, 3,700 out
        """
        again = [
            f"{count} {why}"
            for count, why in ((self.repaired, "to repair an answer"), (self.retried, "sent again"))
            if count
        ]
        parts = [f"{self.requests:,} requests" + (f" ({', '.join(again)})" if again else "")]
        if self.cached:
            parts.append(f"{self.cached:,} answers kept from before")
        more = " or more" if self.untold else ""
        parts.append(f"{self.prompt_tokens:,} tokens in, {self.completion_tokens:,} out{more}")
        if self.cost is not None:
            parts.append(f"cost {self.cost:.4f}")
        return ", ".join(parts)


class Usage:
    """A tally that many threads may add to.

    Parameters
    ----------
    input_price, output_price : float, optional
        Per million tokens of prompts and of answers.

    Examples
    --------
    >>> usage = Usage(input_price=0.5, output_price=2.0)
    >>> usage.add(requests=1, prompt_tokens=400_000, completion_tokens=100_000)
    >>> usage.spent.cost
    0.4
    """

    def __init__(self, input_price: float | None = None, output_price: float | None = None) -> None:
        self._prices = (input_price, output_price)
        self._lock = threading.Lock()
        self._spent = Spent()

    def add(self, **counts: int) -> None:
        """Add to the counts of these names, which are those of :class:`Spent`."""
        with self._lock:
            self._spent = replace(
                self._spent, **{name: getattr(self._spent, name) + count for name, count in counts.items()}
            )

    def tokens(self, prompt: int | None, completion: int | None) -> None:
        """Add what an answer says that it took; None where it does not say."""
        self.add(
            prompt_tokens=prompt or 0,
            completion_tokens=completion or 0,
            untold=int(prompt is None or completion is None),
        )

    def include(self, other: Spent) -> None:
        """Add what was counted elsewhere; its cost is counted anew at the prices here."""
        self.add(**{each.name: getattr(other, each.name) for each in fields(Spent) if each.name != "cost"})

    @property
    def spent(self) -> Spent:
        """What was spent until now."""
        with self._lock:
            spent = self._spent
        asked, answered = self._prices
        if asked is None or answered is None or spent.untold:
            return spent
        cost = (spent.prompt_tokens * asked + spent.completion_tokens * answered) / 1e6
        return replace(spent, cost=cost)
