"""The fault matrix: what is done to a workbench that serves, and what must hold then.

Each case is a function that takes how often and returns an :class:`~benchmarks.soak.outcome.Outcome`. The
tests (``tests/faults``) run each a few times; ``python -m benchmarks.soak`` runs the full counts and writes
what it measured into ``docs/reliability.md``.
"""
