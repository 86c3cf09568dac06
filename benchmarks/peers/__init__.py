"""The systems that ours is compared with, each in an environment of its own.

- ``environments``: which systems there are, what they are for, and their environments in the user's cache;
- ``documents``: what they say about recordings, kept by the recordings' content;
- ``worker.py`` and ``stopwatch.py``: run inside those environments.
"""

from .documents import ask
from .environments import PEERS, Environment, Peer, PeerMissing, environment

__all__ = ["PEERS", "Environment", "Peer", "PeerMissing", "ask", "environment"]
